import { uploadingVersions } from '../../protocol/version.ts';
import type { VersionCheck } from '../../protocol/server/version-check.ts';
import type { MachineUuid } from '../../protocol/identity.ts';

// A builder opens its tunnel right behind its check; so many never dial at once.
const remembered = 1_000;

/** Which machines speak a dialect in which they can upload outputs themselves: a tunnel does not say it again. */
export class UploadDialects {
  /** By the names that they showed, oldest first. */
  readonly #cannot = new Set<string>();

  note({ version, machine }: Pick<VersionCheck, 'version' | 'machine'>): void {
    if (uploadingVersions.has(version)) return;
    const [oldest] = this.#cannot;
    if (oldest !== undefined && this.#cannot.size >= remembered) this.#cannot.delete(oldest);
    this.#cannot.add(machine.toLowerCase());
  }

  /** Asked once, when the tunnel is opened. */
  canUpload(machine: MachineUuid): boolean {
    return !this.#cannot.delete(machine);
  }
}
