/* What several stores ask of an account `a`: of its second factor, and whether its sessions `se` have ended with many. */
#ifndef DIALTONE_SERVICE_COLUMNS_H
#define DIALTONE_SERVICE_COLUMNS_H

/* When the space requires one of this account, which has none (cti-api 4.3); null: never. */
#define MUST_ENROL_AT "CASE WHEN NOT a.two_factor THEN a.must_enrol_at END"
/* By now. */
#define MUST_ENROL "(NOT a.two_factor AND a.must_enrol_at <= now()) IS TRUE"

/* Of very many that ended together not each is marked at once. */
#define SESSION_HOLDS                                                                       \
	"(a.sessions_void_at IS NULL OR se.issued_at > a.sessions_void_at OR se.jti = ANY " \
	"(a.sessions_spared))"

#endif
