/** What our statements read and write, table by table. */
const filledColumns: Readonly<Record<string, string>> = {
  users: 'username fullname emailaddress password type',
  userroles: 'username role',
  projects:
    'name displayname owner description homepage enabled hidden declfile decltype declvalue',
  jobsets:
    'id name project description nixexprinput nixexprpath emailoverride enabled checkinterval schedulingshares ' +
    'lastcheckedtime errormsg errortime fetcherrormsg starttime triggertime enableemail flake ' +
    'hidden keepnr type',
  builds:
    'id finished timestamp jobset_id job nixname description drvpath system license homepage maintainers maxsilent ' +
    'timeout ischannel iscurrent priority globalpriority starttime stoptime iscachedbuild buildstatus size closuresize ' +
    'releasename notificationpendingsince keep',
  buildoutputs: 'build name path',
  buildsteps:
    'build stepnr type drvpath busy status errormsg starttime stoptime machine system propagatedfrom overhead',
  buildstepoutputs: 'build stepnr name path',
  buildproducts: 'build productnr type subtype filesize sha256hash path name defaultpath',
  buildmetrics: 'build name unit value project jobset job timestamp',
  jobsetevals:
    'id jobset_id evaluationerror_id timestamp checkouttime evaltime hasnewbuilds hash nrbuilds nrsucceeded flake',
  jobsetevalmembers: 'eval build isnew',
  evaluationerrors: 'id errormsg errortime',
};

const readColumns: Readonly<Record<string, string>> = {
  aggregateconstituents: 'aggregate constituent',
  failedpaths: 'path',
  jobsetevalinputs: 'eval name altnr type uri revision value dependency',
  jobsetinputs: 'project jobset name type emailresponsible',
  jobsetinputalts: 'project jobset input altnr value',
  projectmembers: 'project username',
  jobsetrenames: 'project from_ to_',
};

/** As `table.column`, in lower case as PostgreSQL keeps them. */
export const usedColumns: readonly string[] = Object.entries({
  ...filledColumns,
  ...readColumns,
}).flatMap(([table, names]) => names.split(' ').map((name) => `${table}.${name}`));

/** Tables that get rows from us: a column that must have a value has to be one that we know. */
export const filledTables: ReadonlySet<string> = new Set(Object.keys(filledColumns));
