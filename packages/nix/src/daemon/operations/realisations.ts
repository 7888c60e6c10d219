import { parseBaseName } from '../../store-path/store-path.ts';
import type { StorePath } from '../../store-path/store-path.ts';
import { DaemonError } from '../daemon-error.ts';
import { realisationsByPath, since, speaks } from '../protocol.ts';
import type { Protocol } from '../protocol.ts';
import {
  parseRealisation,
  parseRealisationId,
  printRealisation,
  printRealisationId,
  unknownId,
} from '../realisation.ts';
import type { Realisation, RealisationKey } from '../realisation.ts';
import { depending, list, mapped, optional, record } from '../wire/composite.ts';
import { drvPath, path, text, textOf } from '../wire/layout.ts';
import type { Layout } from '../wire/layout.ts';
import { noReply, operation } from './operation.ts';

const keyByPath: Layout<RealisationKey> = mapped(
  record({ derivation: drvPath, output: text }),
  (named) => ({ ...named, derivationHash: null }),
  ({ derivation, output }) => {
    if (derivation === null)
      throw new DaemonError(
        'unsupported',
        'This daemon knows realisations by the path of their derivation, which is not given',
      );
    return { derivation, output };
  },
);

const keyByHash: Layout<RealisationKey> = textOf(printRealisationId, parseRealisationId);

const realisation: Layout<Realisation> = record({ path, signatures: list(text) });

/** Without signatures, as before 1.31. */
const bareRealisation: Layout<Realisation> = mapped(path, unsigned, (value) => value.path);

/** A list of one, or of none. */
function asList(item: Layout<Realisation>): Layout<Realisation | null> {
  return mapped(
    list(item),
    ([first]) => first ?? null,
    (value) => (value === null ? [] : [value]),
  );
}

/** The id inside matters to nobody. */
const asJson: Layout<Realisation> = textOf(
  (value) => printRealisation(unknownId, value),
  (json) => parseRealisation(json).realisation,
);

export const queryRealisation = operation('QueryRealisation', 43, {
  since: since.realisations,
  // Daemons since 2.35 refuse old clients before they have read the argument.
  refusalIsFatal: true,
  request: record({ key: byFeature(keyByPath, keyByHash) }),
  reply: byVersion(optional(realisation), asList(asJson), asList(bareRealisation)),
});

type Registration = { readonly key: RealisationKey; readonly realisation: Realisation };

const registrationAsJson: Layout<Registration> = textOf(
  (value) => printRealisation(printRealisationId(value.key), value.realisation),
  (json) => {
    const { id, ...registration } = parseRealisation(json);
    return { key: parseRealisationId(id), ...registration };
  },
);

const bareRegistration: Layout<Registration> = record({
  key: keyByHash,
  realisation: mapped(
    textOf<StorePath>((value) => value, parseBaseName),
    unsigned,
    (value) => value.path,
  ),
});

export const registerDrvOutput = operation('RegisterDrvOutput', 42, {
  since: since.realisations,
  refusalIsFatal: true,
  request: byVersion<Registration>(
    record({ key: keyByPath, realisation }),
    registrationAsJson,
    bareRegistration,
  ),
  reply: noReply,
});

function unsigned(value: StorePath): Realisation {
  return { path: value, signatures: [] };
}

function byFeature<T>(withFeature: Layout<T>, without: Layout<T>): Layout<T> {
  return depending((protocol) => (knowsPaths(protocol) ? withFeature : without));
}

function byVersion<T>(newest: Layout<T>, json: Layout<T>, oldest: Layout<T>): Layout<T> {
  return byFeature(
    newest,
    depending((protocol) => (speaks(protocol, since.realisationsAsJson) ? json : oldest)),
  );
}

function knowsPaths({ features }: Protocol): boolean {
  return features.has(realisationsByPath);
}
