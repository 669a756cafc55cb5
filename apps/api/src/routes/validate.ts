import type { z } from 'zod';
import { type FieldProblem, Problem } from '#catalog';

/** `value` as `schema` parses it. Problem: `validation_failed`, with one entry for each wrong field. */
export function validate<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw validationProblem(result.error.issues.flatMap(fieldProblems));
}

/** The problem of wrong fields that no schema can see, in the same form. */
export function validationProblem(fields: readonly FieldProblem[]): Problem {
  const summary = fields
    .map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
    .join('; ');
  return new Problem('validation_failed', summary, { fields });
}

function fieldProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: [...path, key].join('.'), message: 'is not a known field' }));
  }
  const missing = issue.code === 'invalid_type' && issue.input === undefined;
  return [{ field: path.join('.'), message: missing ? 'is required' : issue.message }];
}
