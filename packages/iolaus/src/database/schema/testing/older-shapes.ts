/** From the newest of Hydra's versions that we make down to 80: what makes each of the one above it. */
export const olderShapes: readonly (readonly [name: string, statements: readonly string[]])[] = [
  ['86', ['alter table buildsteps drop column resolveddrvpath']],
  ['85', ['alter table buildsteps alter column drvpath drop not null']],
  ['84', ['alter table jobsetevalinputs drop column shortrevlength']],
  [
    '83',
    ['buildoutputs', 'buildstepoutputs'].map(
      (table) => `alter table ${table} alter column path set not null`,
    ),
  ],
  ['82', ['create index indexbuildoutputsonpath on buildoutputs (path)']],
  [
    '81',
    ['jobsets', 'projects'].map(
      (table) => `alter table ${table} drop column enable_dynamic_run_command`,
    ),
  ],
  ['80', ['alter table runcommandlogs drop column uuid']],
];
