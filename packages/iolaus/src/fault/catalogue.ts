/** Every kind of fault, what it means, and with which status a command ends because of it. */
export const catalogue = {
  'bad-usage': { exitStatus: 2, meaning: 'The command line cannot be understood.' },
  'bad-configuration': { exitStatus: 2, meaning: 'A configuration file is wrong.' },
  'bad-trace': { exitStatus: 2, meaning: 'A recorded graph or a list of machines is wrong.' },
  'no-such-file': { exitStatus: 2, meaning: 'A file that was named does not exist.' },
  'bad-expression': { exitStatus: 2, meaning: 'Nix cannot evaluate the file that was named.' },
  'no-nix': { exitStatus: 2, meaning: 'There is no Nix on this machine.' },
  'daemon-refused': { exitStatus: 2, meaning: 'The Nix daemon does not accept this user.' },
  'daemon-unreachable': { exitStatus: 2, meaning: 'The Nix daemon does not answer.' },
  'foreign-database': { exitStatus: 2, meaning: "A database is not one of Hydra's." },
  'database-unreachable': { exitStatus: 2, meaning: 'The database does not answer.' },
  'database-failed': { exitStatus: 1, meaning: 'A statement failed in the database.' },
  'daemon-failed': { exitStatus: 1, meaning: 'The Nix daemon did not do what it was asked.' },
  'bad-format': { exitStatus: 1, meaning: 'Data is not in the format that Nix gives it.' },
  'bad-tree': { exitStatus: 1, meaning: 'Files are not what an archive holds, or not there.' },
  'cache-unavailable': { exitStatus: 1, meaning: 'A binary cache cannot be asked just now.' },
  'cache-refused': { exitStatus: 1, meaning: 'A binary cache does not do what it is asked.' },
  'cache-damaged': { exitStatus: 1, meaning: 'What a binary cache holds is not what it says.' },
  'untrue-archive': { exitStatus: 1, meaning: 'An archive is not the one that was spoken of.' },
  'data-folder-in-use': { exitStatus: 2, meaning: 'Another iolaus works in the data folder.' },
  'port-in-use': { exitStatus: 2, meaning: 'Another program listens on the port.' },
  'disk-full': { exitStatus: 2, meaning: 'There is no space left on a disk.' },
  'not-permitted': { exitStatus: 2, meaning: 'The system does not allow an operation.' },
  /** The status is that of Hydra's builder. */
  'protocol-mismatch': { exitStatus: 65, meaning: 'Runner and builder do not speak one dialect.' },
  'child-failed': {
    exitStatus: 1,
    meaning: 'A program that the farm needs ended or never started.',
  },
  'already-led': { exitStatus: 2, meaning: 'Another runner works on the database.' },
  'lead-lost': { exitStatus: 1, meaning: 'Another runner has taken over the database.' },
  'runner-unreachable': { exitStatus: 1, meaning: 'The runner does not answer.' },
  'runner-refused': { exitStatus: 1, meaning: 'The runner does not do what it was asked.' },
  'server-unreachable': { exitStatus: 1, meaning: 'The server of a farm does not answer.' },
  'server-refused': {
    exitStatus: 1,
    meaning: 'The server of a farm does not do what it is asked.',
  },
  'build-failed': { exitStatus: 1, meaning: 'Something that was asked for could not be built.' },
} as const satisfies Record<string, { readonly exitStatus: 1 | 2 | 65; readonly meaning: string }>;

export type FaultCode = keyof typeof catalogue;
