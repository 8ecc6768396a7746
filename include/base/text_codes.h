/*
 * The sentences people read in validation errors, in every language we speak (accounts-api 1.8).
 *
 * Each row: name, English, French, Italian.  {f} is the field's name in that language, {n} a limit,
 * {values} a list.  Only texts are translated: keys, codes and statuses never are.
 */
#ifndef DIALTONE_BASE_TEXT_CODES_H
#define DIALTONE_BASE_TEXT_CODES_H

/* clang-format off */
#define TEXT_CODES(X) \
	X(REQUIRED, "The {f} field is required.", \
	  "Le champ {f} est obligatoire.", "Il campo {f} è obbligatorio.") \
	X(TAKEN, "This {f} is already in use.", \
	  "Cette valeur de {f} est déjà utilisée.", "Questo valore di {f} è già in uso.") \
	X(FORMAT, "The {f} value is not well formed.", \
	  "La valeur de {f} est mal formée.", "Il valore di {f} non è ben formato.") \
	X(TYPE, "The {f} value is of the wrong type.", \
	  "La valeur de {f} n'est pas du bon type.", "Il valore di {f} è di tipo sbagliato.") \
	X(ONE_OF, "The {f} value must be one of: {values}.", \
	  "La valeur de {f} doit être parmi : {values}.", \
	  "Il valore di {f} deve essere uno tra: {values}.") \
	X(MIN_LEN, "The {f} value needs at least {n} characters.", \
	  "La valeur de {f} doit compter au moins {n} caractères.", \
	  "Il valore di {f} deve avere almeno {n} caratteri.") \
	X(MAX_LEN, "The {f} value may hold at most {n} characters.", \
	  "La valeur de {f} ne peut dépasser {n} caractères.", \
	  "Il valore di {f} può avere al massimo {n} caratteri.") \
	X(MIN, "The {f} value must be at least {n}.", \
	  "La valeur de {f} doit être au moins {n}.", "Il valore di {f} deve essere almeno {n}.") \
	X(MAX, "The {f} value may be at most {n}.", \
	  "La valeur de {f} ne peut dépasser {n}.", "Il valore di {f} può essere al massimo {n}.") \
	X(BOOL, "The {f} value must be true or false.", \
	  "La valeur de {f} doit être vraie ou fausse.", "Il valore di {f} deve essere vero o falso.") \
	X(INT, "The {f} value must be a whole number.", \
	  "La valeur de {f} doit être un nombre entier.", \
	  "Il valore di {f} deve essere un numero intero.") \
	X(DATE, "The {f} value must be a date and time like 2026-01-31 23:59:59.", \
	  "La valeur de {f} doit être une date et une heure comme 2026-01-31 23:59:59.", \
	  "Il valore di {f} deve essere una data e ora come 2026-01-31 23:59:59.") \
	X(EMAIL, "The {f} value is not an e-mail address.", \
	  "La valeur de {f} n'est pas une adresse e-mail.", \
	  "Il valore di {f} non è un indirizzo e-mail.") \
	X(PHONE, "The {f} value is not an international phone number.", \
	  "La valeur de {f} n'est pas un numéro international.", \
	  "Il valore di {f} non è un numero di telefono internazionale.") \
	X(NOT_PHONE, "A phone number cannot be used as {f}.", \
	  "Un numéro de téléphone ne peut servir de {f}.", \
	  "Un numero di telefono non può essere usato come {f}.") \
	X(LOWERCASE, "Upper-case letters are not accepted in {f}.", \
	  "Les majuscules ne sont pas acceptées dans {f}.", \
	  "Le maiuscole non sono accettate in {f}.") \
	X(FORBIDDEN_FIELD, "The {f} field cannot be set here.", \
	  "Le champ {f} ne peut être renseigné ici.", "Il campo {f} non può essere impostato qui.") \
	X(DICTIONARY, "The {f} value must be an object of short texts.", \
	  "La valeur de {f} doit être un objet de textes courts.", \
	  "Il valore di {f} deve essere un oggetto di testi brevi.") \
	X(UNKNOWN, "This {f} does not exist.", \
	  "Cette valeur de {f} n'existe pas.", "Questo valore di {f} non esiste.")

/* The names of fields inside the texts: JSON name, French, Italian. Others are used unchanged. */
#define TEXT_FIELDS(X) \
	X("username", "pseudo", "nome utente") \
	X("password", "mot de passe", "password") \
	X("old_password", "ancien mot de passe", "vecchia password") \
	X("phone", "téléphone", "telefono") \
	X("email", "adresse e-mail", "indirizzo e-mail") \
	X("code", "code", "codice") \
	X("domain", "domaine", "dominio") \
	X("algorithm", "algorithme", "algoritmo") \
	X("display_name", "nom affiché", "nome visualizzato") \
	X("account_creation_token", "jeton de création", "token di creazione")

/* clang-format on */

#define TEXT_ENUM(name, en, fr, it) TEXT_##name,
enum text_id { TEXT_OK, TEXT_CODES(TEXT_ENUM) TEXT_COUNT };
#undef TEXT_ENUM

#endif
