/*
 * Whose a number of a domain is: a device's, else that of a user without devices, else a main extension's.  For
 * statements: a subselect with the columns account_id, is_device and number, one row or none.  Blocked accounts have none.
 */
#ifndef DIALTONE_RESOURCES_EXTENSIONS_NUMBER_SQL_H
#define DIALTONE_RESOURCES_EXTENSIONS_NUMBER_SQL_H

/* clang-format off */
#define NUMBER_OWNER(domain, number)                                                                \
	"(SELECT n.account_id, n.is_device, " number "::text AS number FROM ("                                                  \
	"SELECT e.account_id, true AS is_device, 1 AS rank FROM extensions e"                       \
	" WHERE e.domain = " domain " AND e.exten = " number                                        \
	" UNION ALL SELECT b.id, NOT EXISTS (SELECT FROM extensions x WHERE x.account_id = b.id), 2" \
	" FROM accounts b LEFT JOIN cti_users v ON v.account_id = b.id"                             \
	" WHERE b.domain = " domain " AND b.username = " number                                     \
	" AND (coalesce(v.main_extension, b.username) = b.username"                                 \
	"  OR NOT EXISTS (SELECT FROM extensions x WHERE x.account_id = b.id))"                     \
	" UNION ALL SELECT m.id, false, 3 FROM cti_users v JOIN accounts m ON m.id = v.account_id"  \
	" WHERE v.main_extension = " number " AND m.domain = " domain                               \
	") n JOIN accounts o ON o.id = n.account_id AND NOT o.blocked"                              \
	" ORDER BY n.rank, n.account_id LIMIT 1)"
/* clang-format on */

#endif
