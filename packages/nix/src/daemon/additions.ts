import { fromBytes } from '../byte-string.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { printDerivation } from '../derivation/print-derivation.ts';
import type { PathInfo } from '../path-info/path-info.ts';
import { derivationPath } from '../store-path/store-path.ts';
import type { DerivationPath, StorePath } from '../store-path/store-path.ts';
import type { AskOptions } from './channel.ts';
import type { AddOptions } from './connection-options.ts';
import { multiplePaths } from './multiple.ts';
import type { PathToAdd } from './multiple.ts';
import type { AddMethod, ImportOptions } from './operations/additions.ts';
import { operations } from './operations/catalogue.ts';
import { since } from './protocol.ts';
import type { Realisation, RealisationKey } from './realisation.ts';
import type { Data } from './upload.ts';
import { DaemonQuestions } from './questions.ts';

/** What can be put into a store. */
export abstract class DaemonAdditions extends DaemonQuestions {
  /** Adds a text, such as a derivation, and returns where. */
  async addTextToStore(
    name: string,
    text: Uint8Array | string,
    references: readonly StorePath[] = [],
    options?: AskOptions,
  ): Promise<StorePath> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : text;
    if (this.protocol.minor >= since.framedAddToStore)
      return this.addToStore(name, { method: 'text', algorithm: 'sha256' }, only(bytes), {
        references,
        ...options,
      });
    const request = { name, text: fromBytes(bytes), references };
    return this.channel.ask(operations.addTextToStore, request, options);
  }

  /**
   * Adds an object that is named by what it contains, and returns where. Its data are its plain bytes for `text` and
   * `flat`, and an archive for the others. Daemons before 2.4 take archives without references only.
   */
  async addToStore(
    name: string,
    how: AddMethod,
    data: Data,
    { references = [], repair = false, ...options }: AddOptions = {},
  ): Promise<StorePath> {
    const request = { name, ...how, references, repair };
    return (await this.channel.upload(operations.addToStore, request, data, options)).path;
  }

  /** Adds the `.drv` file of a derivation, whose inputs must be valid. */
  async addDerivation(derivation: Derivation, options?: AskOptions): Promise<DerivationPath> {
    const references = [...derivation.inputDerivations.keys(), ...derivation.inputSources];
    const text = printDerivation(this.storeDirectory, derivation);
    const name = `${derivation.name}.drv`;
    return derivationPath(await this.addTextToStore(name, text, references, options));
  }

  /**
   * Imports an archive; its references must be valid. Not more of it is taken than the daemon can
   * take. If reading it fails, so does this, and the connection is closed.
   */
  addToStoreNar(
    info: PathInfo,
    nar: Data,
    { repair = false, checkSignatures = false, ...options }: ImportOptions & AskOptions = {},
  ): Promise<void> {
    const request = { info, repair, dontCheckSignatures: !checkSignatures };
    return this.channel.upload(operations.addToStoreNar, request, nar, options);
  }

  /** Imports many archives at once, each after those it refers to. Daemons since Nix 2.4 can. */
  addMultipleToStore(
    paths: readonly PathToAdd[],
    { repair = false, checkSignatures = false, ...options }: ImportOptions & AskOptions = {},
  ): Promise<void> {
    const request = { repair, dontCheckSignatures: !checkSignatures };
    const data = multiplePaths(this.storeDirectory, this.channel.greeting.protocol, paths);
    return this.channel.upload(operations.addMultipleToStore, request, data, options);
  }

  /** Adds signatures, `<key name>:<base64>` each, to a valid path. */
  addSignatures(
    path: StorePath,
    signatures: readonly string[],
    options?: AskOptions,
  ): Promise<void> {
    return this.channel.ask(operations.addSignatures, { path, signatures }, options);
  }

  /** Stores the log of a build, uncompressed. Only for trusted users; others lose the connection. */
  addBuildLog(derivation: DerivationPath, log: Data, options?: AskOptions): Promise<void> {
    return this.channel.upload(operations.addBuildLog, { derivation }, log, options);
  }

  /** Has the daemon remember what an output turned out to be. It believes everything. */
  registerDrvOutput(
    key: RealisationKey,
    realisation: Realisation,
    options?: AskOptions,
  ): Promise<void> {
    return this.channel.ask(operations.registerDrvOutput, { key, realisation }, options);
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
