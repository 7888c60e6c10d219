import type { z } from 'zod';

const kinds: Readonly<Record<string, string>> = {
  string: 'a text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list: [ … ]',
  object: 'a table',
  record: 'a table',
  date: 'a date',
};

/**
 * What a schema wanted instead, to follow "should be". The message of a `refine` is taken as it is, so write those to
 * follow "should be", too.
 */
export function describeWanted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? `a ${issue.expected}`;
    case 'invalid_value':
      return oneOf(issue.values);
    case 'too_small':
      return limit(
        issue.origin,
        issue.minimum,
        issue.inclusive === false ? 'more than' : 'at least',
      );
    case 'too_big':
      return limit(
        issue.origin,
        issue.maximum,
        issue.inclusive === false ? 'less than' : 'at most',
      );
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return format(issue);
    case 'invalid_union':
      return oneOfSeveral(issue);
    default:
      return issue.message;
  }
}

function oneOf(values: readonly unknown[]): string {
  const printed = values.map((value) => JSON.stringify(value));
  return printed.length === 1 ? printed.join('') : `one of ${printed.join(', ')}`;
}

function limit(origin: string, bound: number | bigint, relation: string): string {
  if (origin === 'string')
    return bound === 1 && relation === 'at least'
      ? 'not empty'
      : `${relation} ${bound} characters long`;
  if (origin === 'array') return `a list of ${relation} ${bound}`;
  return `${relation} ${bound}`;
}

function format(issue: Extract<z.core.$ZodIssue, { readonly code: 'invalid_format' }>): string {
  if (issue.format === 'url') return 'a URL, such as "http://host:port"';
  if (issue.format === 'starts_with' && 'prefix' in issue) {
    return `a text that starts with ${JSON.stringify(issue.prefix)}`;
  }
  return issue.message;
}

function oneOfSeveral(
  issue: Extract<z.core.$ZodIssue, { readonly code: 'invalid_union' }>,
): string {
  const wanted = issue.errors.flatMap(([first]) =>
    first === undefined ? [] : describeWanted(first),
  );
  return wanted.length === 0 ? issue.message : wanted.join(', or ');
}
