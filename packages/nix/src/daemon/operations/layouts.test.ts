import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { defaultStoreDirectory } from '../../store-path/store-path.ts';
import type { Exchange } from '../../testing/conversations/conversation.ts';
import { readRecordings } from '../../testing/recorded-daemon.ts';
import type { RecordedRequest, RecordedResponse } from '../../testing/recorded-values.ts';
import { message } from '../messages.ts';
import type { Message } from '../messages.ts';
import { newestVersion, realisationsByPath, deleteReferrers } from '../protocol.ts';
import type { Protocol } from '../protocol.ts';
import { WireReader } from '../wire/reader.ts';
import { WireWriter } from '../wire/writer.ts';
import { operations } from './catalogue.ts';
import type { Operation } from './operation.ts';

const protocols: Readonly<Record<string, Protocol>> = {
  '2.8.0': spoken(34),
  '2.34.8': spoken(38),
  '2.35.2': spoken(38, realisationsByPath, deleteReferrers),
  '2.34.8-as-1.21': spoken(21),
  '2.34.8-as-1.31': spoken(31),
};
const colours = /\u001B\[[\d;]*m/;

describe('every layout writes what it reads', () => {
  for (const [version, protocol] of Object.entries(protocols)) {
    const [, ...exchanges] = readRecordings<RecordedRequest, RecordedResponse>(version);
    test(`requests of Nix ${version}`, async () => {
      for (const exchange of exchanges) {
        const sent = Buffer.from(exchange.c2s, 'hex');
        const operation = operationOf(sent);
        const reader = readerOf(sent.subarray(8));
        const request = await operation.request.read(reader, protocol);
        const writer = new WireWriter(defaultStoreDirectory).int(operation.number);
        operation.request.write(writer, request, protocol);
        const written = writer.finish().toString('hex');
        assert.equal(written, exchange.c2s.slice(0, written.length), exchange.name);
        if (operation.data(protocol) === 'none') assert.equal(reader.bufferedBytes, 0);
      }
    });

    test(`answers of Nix ${version}`, async () => {
      for (const exchange of exchanges.filter(isPlain)) {
        const operation = operationOf(Buffer.from(exchange.c2s, 'hex'));
        const writer = new WireWriter(defaultStoreDirectory);
        const reader = readerOf(Buffer.from(exchange.s2c, 'hex'));
        const last = await copyMessages(reader, writer, protocol);
        if (last.type === 'last' && operation.data(protocol) !== 'archive') {
          const reply = await operation.reply.read(reader, protocol);
          operation.reply.write(writer, reply, protocol);
          assert.equal(reader.bufferedBytes, 0, exchange.name);
        }
        const written = writer.finish().toString('hex');
        assert.equal(written, exchange.s2c.slice(0, written.length), exchange.name);
      }
    });
  }
});

function spoken(minor: number, ...features: readonly string[]): Protocol {
  return { version: { ...newestVersion, minor }, features: new Set(features) };
}

/** Colours, ids of realisations and their signatures are not kept. */
function isPlain({ s2c, name }: Exchange): boolean {
  const isLossy = /^(build|query-realisation|nar-from-path-invalid)/.test(name);
  return !isLossy && !colours.test(Buffer.from(s2c, 'hex').toString('latin1'));
}

function operationOf(sent: Buffer): Operation<unknown, unknown> {
  const number = sent.readUInt32LE();
  const operation = Object.values(operations).find((each) => each.number === number);
  return operation ?? assert.fail(`no operation ${number}`);
}

function readerOf(bytes: Buffer): WireReader {
  return new WireReader(Readable.from([bytes]), defaultStoreDirectory);
}

async function copyMessages(
  reader: WireReader,
  writer: WireWriter,
  protocol: Protocol,
): Promise<Message> {
  for (;;) {
    const said = await message.read(reader, protocol);
    message.write(writer, said, protocol);
    if (said.type === 'last' || said.type === 'error') return said;
  }
}
