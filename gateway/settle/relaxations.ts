/** Each way in which gateway.yaml may loosen settling: the fault it accepts, and what is given up, said aloud at start. */
import type { AcceptedFaults, PathFault } from '../../policy/index.ts';
import type { Settling } from './settling-schema.ts';

type PathKey = Exclude<keyof Settling, 'method_override'>;

type Relaxation = { readonly fault: PathFault; readonly givesUp: string };

export const PATH_KEYS = [
  'semicolons',
  'encoded_slashes',
  'encoded_delimiters',
  'empty_segments',
  'trailing_dots',
  'lookalikes',
] as const satisfies readonly PathKey[];

export const PATH_RELAXATIONS: Readonly<Record<PathKey, Relaxation>> = {
  semicolons: {
    fault: 'path_parameter',
    givesUp:
      'an app that cuts parameters off takes the rest for the path; a permit for the whole is not one for the rest',
  },
  encoded_slashes: {
    fault: 'encoded_slash',
    givesUp: 'an app that decodes before it routes sees more segments than the rule that permitted them',
  },
  encoded_delimiters: {
    fault: 'encoded_delimiter',
    givesUp: 'an app that decodes before it routes ends the path where the rule did not',
  },
  empty_segments: {
    fault: 'empty_segment',
    givesUp: 'an app that merges slashes sees fewer segments than the rule that permitted them',
  },
  trailing_dots: {
    fault: 'trailing_dot',
    givesUp: 'an app that trims segments takes `x.` for `x`, which a rule that permits does not',
  },
  lookalikes: {
    fault: 'confusable',
    givesUp:
      'an app that folds letters takes fullwidth and styled ones for plain ones, which a rule that permits does not',
  },
};

export function acceptedFaults(settling: Settling): AcceptedFaults {
  return {
    faults: new Set(
      PATH_KEYS.filter((key) => settling[key] === 'allow').map((key) => PATH_RELAXATIONS[key].fault),
    ),
    mergeSlashes: settling.empty_segments === 'merge',
  };
}

/** One sentence for everything that is not as strict as it could be; nothing is loosened silently. */
export function settlingWarnings(settling: Settling): readonly string[] {
  const warnings = PATH_KEYS.filter((key) => settling[key] === 'allow').map(
    (key) => `settling.${key} is "allow": ${PATH_RELAXATIONS[key].givesUp}`,
  );
  if (settling.empty_segments === 'merge')
    warnings.push(
      'settling.empty_segments is "merge": acting requests go up with one slash where they had several',
    );
  if (settling.method_override === 'match')
    warnings.push(
      'settling.method_override is "match": a wish for another method reaches the app; both methods are decided on',
    );
  return warnings;
}
