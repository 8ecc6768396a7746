/* What is to be known of the second factor of an account `a`. */
#ifndef DIALTONE_STORE_TWO_FACTOR_COLUMNS_H
#define DIALTONE_STORE_TWO_FACTOR_COLUMNS_H

/* The space requires one of this account by now, and it has none (cti-api 4.3). */
#define MUST_ENROL "(NOT a.two_factor AND a.must_enrol_at <= now()) IS TRUE"

#endif
