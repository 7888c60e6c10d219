import type { CommandGroup } from '../../command-group.ts';

/** Nix's archives: what `nix nar` and `nix-store --dump` do. */
export const narCommands: CommandGroup = {
  words: 'iolaus nix nar',
  purpose: "looks into Nix's archives, makes them and unpacks them",
  entries: [],
};
