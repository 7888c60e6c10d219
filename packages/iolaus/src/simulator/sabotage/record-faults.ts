import type { Database } from '../../database/connection/connection.ts';
import type { Parameter } from '../../database/connection/statement.ts';
import { areRecordedStatement } from '../../database/steps/are-recorded.ts';
import { readUngrantedStepsStatement } from '../../database/steps/orphaned-steps.ts';
import type { KnownFault } from './known-fault.ts';
import { withRows } from './wrap.ts';

/** Of what is written down, and when. */
export const recordFaults: readonly KnownFault[] = [
  {
    name: 'visible before recorded',
    story: 'builders are told before the database has it',
    seen: 'W16',
    withinSeeds: 20,
    sabotage: {
      doors: (doors) => {
        const { database } = doors;
        // When all is written, and before it is committed.
        const transaction: Database['transaction'] = (work) =>
          new Promise((resolve, reject) => {
            database
              .transaction(async (open) => {
                const result = await work(open);
                resolve(result);
                return result;
              })
              .catch(reject);
          });
        return { ...doors, database: { ...database, transaction } };
      },
    },
  },
  {
    name: 'a rival that nobody fences off',
    story: 'a runner goes on writing after another one has taken the lead',
    seen: 'hydra@9443d6dd: no fencing token',
    withinSeeds: 400,
    sabotage: {
      server: (server) => {
        server.fencesNobody = true;
      },
    },
  },
  {
    name: 'a lost answer is a lost commit',
    story: 'a transaction whose answer got lost is done once more',
    seen: 'hydra@daee95fa, hydra@c1d041ba',
    withinSeeds: 100,
    sabotage: {
      server: (server) => {
        server.forgetsOutcomes = true;
      },
    },
  },
  {
    name: 'found, and not written down',
    story: 'of outputs that are there and that nobody has built, no row tells',
    seen: 'nowhere yet: Hydra writes these rows',
    withinSeeds: 100,
    sabotage: { doors: (doors) => withRows(doors, areRecordedStatement, () => []) },
  },
  {
    name: 'found again and again',
    story: 'outputs that are there get a row whenever somebody looks at them',
    seen: 'nowhere yet: Hydra looks for the rows',
    withinSeeds: 20,
    sabotage: {
      doors: (doors) => {
        const { database } = doors;
        const query: Database['query'] = (text, parameters = []) =>
          database.query(
            text,
            text === areRecordedStatement ? askOfOthers(parameters) : parameters,
          );
        return { ...doors, database: { ...database, query } };
      },
    },
  },
  {
    name: 'busy for ever',
    story: 'rows that other programs leave busy are closed by the next runner only',
    seen: '§14: orphaned rows',
    withinSeeds: 20,
    sabotage: {
      doors: (doors) => {
        let looks = 0;
        // When it starts, and never again.
        const lookOnce = (rows: readonly object[]): readonly object[] =>
          (looks += 1) === 1 ? rows : [];
        return withRows(doors, readUngrantedStepsStatement, lookOnce);
      },
    },
  },
];

/** As many names, of what nobody has. */
const askOfOthers = (names: readonly Parameter[]): Parameter[] =>
  names.map((column) => (Array.isArray(column) ? column.map(() => 'nothing') : column));
