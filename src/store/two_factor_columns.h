/* What is to be known of the second factor of an account `a` of a space `s`. */
#ifndef DIALTONE_STORE_TWO_FACTOR_COLUMNS_H
#define DIALTONE_STORE_TWO_FACTOR_COLUMNS_H

/* clang-format off */
#define HAS_TWO_FACTOR                                                                              \
	"EXISTS (SELECT FROM two_factor t"                                                          \
	"  WHERE t.account_id = a.id AND t.secret_sealed IS NOT NULL)"

/* The space requires one of this account by now, and it has none (cti-api 4.3). */
#define MUST_ENROL                                                                                  \
	"(s.two_factor_policy = 'required' AND now() >= greatest(a.created_at,"                     \
	" s.two_factor_policy_since) + make_interval(days => s.two_factor_grace_days::int)"         \
	" AND NOT " HAS_TWO_FACTOR ")"
/* clang-format on */

#endif
