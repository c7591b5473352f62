import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Long in small files: begun last, they would keep one worker busy while the others have nothing to do. */
const LONG = [
  'tests/faults/killed-gateway.test.ts',
  'tests/faults/killed-on-postgres.test.ts',
  'tests/security/differential/routers.test.ts',
  'tests/contract/audit-store.test.ts',
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const asUsual = super.sort.bind(this);
    const ordered = await asUsual(files);
    return [...ordered.filter(isLong), ...ordered.filter((file) => !isLong(file))];
  }
}

function isLong({ moduleId }: TestSpecification): boolean {
  return LONG.some((file) => moduleId.endsWith(file));
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // For two cores: nearly always one of the three waits for a disk, a server or a time.
    maxWorkers: 3,
    // To load everything anew for each file would take a tenth of the whole run; no test changes what others load.
    isolate: false,
    sequence: { sequencer: LongFirst },
  },
});
