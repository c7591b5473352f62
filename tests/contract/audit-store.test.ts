import { openSqliteAuditStore } from '../../audit-store/index.ts';
import { recordFile } from '../audit-store/record-folder.ts';
import { auditStoreContract } from './audit-store.contract.ts';

auditStoreContract(() => {
  const file = recordFile();
  return { open: (clock) => openSqliteAuditStore({ file, clock }) };
});
