/** What a person read from the app's word means for the question who somebody is. */
import type { IdentityAnswer } from './identity.ts';
import type { PersonAnswer } from './person-reader.ts';

export function identityAnswer(read: PersonAnswer): IdentityAnswer {
  switch (read.kind) {
    case 'person':
      return { kind: 'known', identity: read.person };
    case 'nobody':
      return { kind: 'anonymous' };
    case 'unreadable':
      return { kind: 'unavailable', cause: read.cause, because: 'question' };
  }
}
