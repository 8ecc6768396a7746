/* What is to be known of the second factor of an account `a`. */
#ifndef DIALTONE_SERVICE_COLUMNS_H
#define DIALTONE_SERVICE_COLUMNS_H

/* When the space requires one of this account, which has none (cti-api 4.3); null: never. */
#define MUST_ENROL_AT "CASE WHEN NOT a.two_factor THEN a.must_enrol_at END"
/* By now. */
#define MUST_ENROL "(NOT a.two_factor AND a.must_enrol_at <= now()) IS TRUE"

#endif
