import { z } from 'zod';
import { apiRoot, contract } from './contract.ts';
import type { Endpoint } from './endpoint.ts';
import { problem } from './problem.ts';

type Json = { readonly [key: string]: unknown };

const mediaTypes = {
  json: 'application/json',
  text: 'text/plain',
  events: 'text/event-stream',
} as const;

/** The OpenAPI 3.1 document of API v2. Schemas that have an id stand among the components, once. */
export function describeApi(version: string): Json {
  const components: Record<string, unknown> = {};
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, endpoint] of Object.entries<Endpoint>(contract)) {
    const operations = (paths[endpoint.path] ??= {});
    operations[endpoint.method.toLowerCase()] = describeEndpoint(name, endpoint, components);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Iolaus', version, license: { name: 'GPL-3.0-or-later' } },
    servers: [{ url: apiRoot }],
    paths,
    components: {
      schemas: components,
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function describeEndpoint(
  name: string,
  endpoint: Endpoint,
  components: Record<string, unknown>,
): Json {
  const { summary, right, address, query, body, answer, form, method } = endpoint;
  const answers = schemaOf(answer, 'output', components);
  const wanted = body instanceof z.ZodUndefined ? undefined : schemaOf(body, 'input', components);
  return {
    operationId: name,
    summary,
    'x-right': right,
    security: right === 'read' ? [{}, { token: [] }] : [{ token: [] }],
    parameters: [
      ...describeParameters(address, 'path', components),
      ...describeParameters(query, 'query', components),
      ...(form === 'json' && method === 'GET' ? [fieldsParameter] : []),
    ],
    ...(wanted === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: wanted } } } }),
    responses: {
      200: { description: summary, content: { [mediaTypes[form]]: { schema: answers } } },
      default: {
        description: 'Why not',
        content: {
          'application/problem+json': { schema: schemaOf(problem, 'output', components) },
        },
      },
    },
  };
}

const fieldsParameter: Json = {
  name: 'fields',
  in: 'query',
  required: false,
  description: 'Names with commas between: only these fields of the resource, or of the items',
  schema: { type: 'string' },
};

function describeParameters(
  schema: z.ZodObject,
  place: 'path' | 'query',
  components: Record<string, unknown>,
): Json[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const described = schemaOf(field, 'input', components);
    return {
      name,
      in: place,
      required: place === 'path' || !isOptional(field),
      ...('description' in described ? { description: described['description'] } : {}),
      schema: described,
    };
  });
}

const isOptional = (field: z.core.$ZodType): boolean => z.safeParse(field, undefined).success;

/** As JSON Schema; parts that have an id are put among the components and referred to. */
function schemaOf(
  schema: z.core.$ZodType,
  io: 'input' | 'output',
  components: Record<string, unknown>,
): Json {
  const {
    $schema: _,
    $defs,
    ...described
  } = z.toJSONSchema(schema, {
    io,
    reused: 'inline',
    // Fields may be added to answers: whoever reads them is to expect that.
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  Object.assign(components, redirect($defs ?? {}));
  const { id } = described;
  if (typeof id !== 'string') return redirect(described);
  components[id] = redirect(described);
  return { $ref: `#/components/schemas/${id}` };
}

/** References within a schema of its own become such to the components. */
const redirect = (described: object): Json =>
  JSON.parse(JSON.stringify(described).replaceAll('"#/$defs/', '"#/components/schemas/'));
