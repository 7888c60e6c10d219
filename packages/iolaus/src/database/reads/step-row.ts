/** A row of `BuildSteps`. Paths with the store directory; times in seconds since the epoch. */
export type StepRow = {
  /** The build that it is charged to. */
  readonly build: number;
  readonly stepNumber: number;
  readonly type: 'build' | 'substitution';
  readonly derivation: string;
  readonly resolution: Resolution | null;
  readonly system: string | null;
  /** Empty: none. */
  readonly machine: string;
  readonly busy: number;
  readonly status: number | null;
  readonly errorMessage: string | null;
  readonly startedAt: number | null;
  readonly stoppedAt: number | null;
  readonly overheadMilliseconds: number | null;
  readonly propagatedFrom: number | null;
  /** The step of that build that failed. */
  readonly origin: number | null;
  readonly outputs: readonly { readonly name: string; readonly path: string | null }[];
};

/** A step with the job that it is charged to. */
export type JobStepRow = StepRow & {
  readonly project: string;
  readonly jobset: string;
  readonly job: string;
};

/** What a derivation turned out to be. */
export type Resolution = {
  readonly derivation: string;
  /** The newest attempt at that which succeeded or goes on, in this build if there is one. */
  readonly step: { readonly build: number; readonly step: number } | null;
  /** It was built before, here or elsewhere: early cut-off. What ended in the same second may have been built for this one. */
  readonly wasBuilt: boolean;
};

const resolution = `
  select json_build_object(
    'derivation', r.derivation,
    'step', (
      select json_build_object('build', t.build, 'step', t.stepnr) from buildsteps t
      where t.drvpath = r.derivation and (t.status = 0 or t.busy <> 0)
      order by t.build = s.build desc, t.build desc, t.stepnr desc limit 1
    ),
    'wasBuilt', coalesce(
      (select bool_or(t.status = 0 and t.stoptime < s.starttime) from buildsteps t where t.drvpath = r.derivation),
      (select b.buildstatus in (0, 6) from builds b where b.id = s.build),
      false
    )
  )
  from (select regexp_replace(s.drvpath, '[^/]*$', '') || (to_jsonb(s) ->> 'resolveddrvpath') as derivation) r
  where r.derivation is not null`;

/** The columns of a step, for every statement that has it as `s`. Versions before 87 resolve nothing and lack the column. */
export const stepColumns = `
  s.build, s.stepnr as "stepNumber", case s.type when 1 then 'substitution' else 'build' end as "type",
  s.drvpath as "derivation", (${resolution}) as "resolution", s.system, s.machine, s.busy, s.status,
  s.errormsg as "errorMessage", nullif(s.starttime, 0) as "startedAt", nullif(s.stoptime, 0) as "stoppedAt",
  s.overhead as "overheadMilliseconds", s.propagatedfrom as "propagatedFrom",
  (
    select o.stepnr from buildsteps o
    where o.build = s.propagatedfrom and o.drvpath = s.drvpath and o.busy = 0 and o.status <> 0 and o.starttime is not null
    order by o.stepnr desc limit 1
  ) as "origin",
  coalesce(
    (select json_agg(json_build_object('name', p.name, 'path', p.path) order by p.name)
     from buildstepoutputs p where p.build = s.build and p.stepnr = s.stepnr),
    '[]'
  ) as "outputs"`;
