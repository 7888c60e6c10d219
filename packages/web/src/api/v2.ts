import type { Answer } from '../../../client/src/contract/index.ts';

export type { Problem } from '../../../client/src/contract/index.ts';

/** Where API v2 is; the shapes below are what the server's own schemas say. */
export const apiRoot = '/api/v2';

export type BuilderList = Answer<'listBuilders'>;
export type Builder = BuilderList['items'][number];
export type AttemptList = Answer<'listAttempts'>;
export type Attempt = AttemptList['items'][number];
export type QueueWindow = Answer<'listQueuedSteps'>;
export type QueuedStep = QueueWindow['items'][number];
export type QueueGroupList = Answer<'listQueueGroups'>;
export type QueueGroup = QueueGroupList['items'][number];
export type NextSteps = Answer<'listNextSteps'>;
export type SystemQueueList = Answer<'listSystems'>;
export type SystemQueue = SystemQueueList['items'][number];
export type SignIns = Answer<'readSignIns'>;
export type Account = Answer<'readAccount'>;
export type EmergencyList = Answer<'listEmergencies'>;
export type Jobset = Answer<'readJobset'>;
export type JobsetList = Answer<'listJobsets'>;
export type BuildPage = Answer<'listBuilds'>;
export type BuildSummary = BuildPage['items'][number];
export type BuildStatus = BuildSummary['status'];
export type BuildCounts = Answer<'countBuilds'>;
/** The groups that builds are listed and counted by. */
export type BuildGroup = keyof BuildCounts;
export type Build = Answer<'readBuild'>;
export type Output = Build['outputs'][number];
export type Product = Build['products'][number];
export type Metric = Build['metrics'][number];
export type StepPage = Answer<'listBuildSteps'>;
export type Step = StepPage['items'][number];
export type StepStatus = Step['status'];
export type StepPhase = NonNullable<Step['phase']>;
export type Resolution = NonNullable<Step['resolution']>;
export type StepDetail = Answer<'readStep'>;
export type RunningSteps = Answer<'listRunningSteps'>;
export type ProvisionerList = Answer<'listProvisioners'>;
export type Provisioner = ProvisionerList['items'][number];
export type MachinePool = Provisioner['pools'][number];
export type UploadPage = Answer<'listUploads'>;
export type Upload = UploadPage['items'][number];
/** A build, and what was tried for it: two answers, shown as one. */
export type BuildDetail = Build & {
  /** Newest first. */
  readonly steps: readonly Step[];
  /** There are more steps than one answer holds; the oldest are missing. */
  readonly stepsLeftOut: boolean;
};
export type EvaluationPage = Answer<'listEvaluations'>;
export type Evaluation = Answer<'readEvaluation'>;
export type Explanation = Answer<'explainBuild'>;
export type FirstBad = Answer<'readFirstBad'>;
export type BuildDifference = Answer<'compareBuild'>;
export type Graph = Answer<'readGraph'>;
export type GraphNode = Graph['nodes'][number];
export type Comparison = Answer<'compareEvaluation'>;
export type ComparedBuildPage = Answer<'listDifferences'>;
export type LogOutline = Answer<'readLogOutline'>;
export type LogLines = Answer<'readLogLines'>;
export type FoundPathList = Answer<'findStorePaths'>;
export type FoundLines = Answer<'searchLog'>;
export type Difference = ComparedBuildPage['items'][number]['difference'];

/** Seconds since the epoch of a time of the API's. */
export const secondsOf = (time: string): number => Date.parse(time) / 1000;

export const secondsOrNull = (time: string | null): number | null =>
  time === null ? null : secondsOf(time);
