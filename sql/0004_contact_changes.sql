-- What users change of their own account: password, phone, e-mail (accounts-api I.6, I.8, I.9, II.7, II.14).

-- The countries of which numbers are accepted. All those of a calling code are switched together.
CREATE TABLE phone_countries (
  code text PRIMARY KEY CHECK (code ~ '^[A-Z]{2}$'),
  country_code text NOT NULL CHECK (country_code ~ '^[1-9][0-9]{0,2}$'),
  activated boolean NOT NULL DEFAULT true
);
INSERT INTO phone_countries (country_code, code)
SELECT plan.calling_code, unnest(string_to_array(plan.regions, ' ')) FROM (VALUES
  ('1', 'AG AI AS BB BM BS CA DM DO GD GU JM KN KY LC MP MS PR SX TC TT US VC VG VI'), ('7', 'KZ RU'),
  ('20', 'EG'), ('27', 'ZA'), ('30', 'GR'), ('31', 'NL'), ('32', 'BE'), ('33', 'FR'), ('34', 'ES'),
  ('36', 'HU'), ('39', 'IT VA'), ('40', 'RO'), ('41', 'CH'), ('43', 'AT'), ('44', 'GB GG IM JE'),
  ('45', 'DK'), ('46', 'SE'), ('47', 'NO SJ'), ('48', 'PL'), ('49', 'DE'), ('51', 'PE'), ('52', 'MX'),
  ('53', 'CU'), ('54', 'AR'), ('55', 'BR'), ('56', 'CL'), ('57', 'CO'), ('58', 'VE'), ('60', 'MY'),
  ('61', 'AU CC CX'), ('62', 'ID'), ('63', 'PH'), ('64', 'NZ'), ('65', 'SG'), ('66', 'TH'), ('81', 'JP'),
  ('82', 'KR'), ('84', 'VN'), ('86', 'CN'), ('90', 'TR'), ('91', 'IN'), ('92', 'PK'), ('93', 'AF'),
  ('94', 'LK'), ('95', 'MM'), ('98', 'IR'), ('211', 'SS'), ('212', 'EH MA'), ('213', 'DZ'), ('216', 'TN'),
  ('218', 'LY'), ('220', 'GM'), ('221', 'SN'), ('222', 'MR'), ('223', 'ML'), ('224', 'GN'), ('225', 'CI'),
  ('226', 'BF'), ('227', 'NE'), ('228', 'TG'), ('229', 'BJ'), ('230', 'MU'), ('231', 'LR'), ('232', 'SL'),
  ('233', 'GH'), ('234', 'NG'), ('235', 'TD'), ('236', 'CF'), ('237', 'CM'), ('238', 'CV'), ('239', 'ST'),
  ('240', 'GQ'), ('241', 'GA'), ('242', 'CG'), ('243', 'CD'), ('244', 'AO'), ('245', 'GW'), ('246', 'IO'),
  ('247', 'AC'), ('248', 'SC'), ('249', 'SD'), ('250', 'RW'), ('251', 'ET'), ('252', 'SO'), ('253', 'DJ'),
  ('254', 'KE'), ('255', 'TZ'), ('256', 'UG'), ('257', 'BI'), ('258', 'MZ'), ('260', 'ZM'), ('261', 'MG'),
  ('262', 'RE YT'), ('263', 'ZW'), ('264', 'NA'), ('265', 'MW'), ('266', 'LS'), ('267', 'BW'),
  ('268', 'SZ'), ('269', 'KM'), ('290', 'SH TA'), ('291', 'ER'), ('297', 'AW'), ('298', 'FO'),
  ('299', 'GL'), ('350', 'GI'), ('351', 'PT'), ('352', 'LU'), ('353', 'IE'), ('354', 'IS'), ('355', 'AL'),
  ('356', 'MT'), ('357', 'CY'), ('358', 'AX FI'), ('359', 'BG'), ('370', 'LT'), ('371', 'LV'),
  ('372', 'EE'), ('373', 'MD'), ('374', 'AM'), ('375', 'BY'), ('376', 'AD'), ('377', 'MC'), ('378', 'SM'),
  ('380', 'UA'), ('381', 'RS'), ('382', 'ME'), ('383', 'XK'), ('385', 'HR'), ('386', 'SI'), ('387', 'BA'),
  ('389', 'MK'), ('420', 'CZ'), ('421', 'SK'), ('423', 'LI'), ('500', 'FK'), ('501', 'BZ'), ('502', 'GT'),
  ('503', 'SV'), ('504', 'HN'), ('505', 'NI'), ('506', 'CR'), ('507', 'PA'), ('508', 'PM'), ('509', 'HT'),
  ('590', 'BL GP MF'), ('591', 'BO'), ('592', 'GY'), ('593', 'EC'), ('594', 'GF'), ('595', 'PY'),
  ('596', 'MQ'), ('597', 'SR'), ('598', 'UY'), ('599', 'BQ CW'), ('670', 'TL'), ('672', 'NF'),
  ('673', 'BN'), ('674', 'NR'), ('675', 'PG'), ('676', 'TO'), ('677', 'SB'), ('678', 'VU'), ('679', 'FJ'),
  ('680', 'PW'), ('681', 'WF'), ('682', 'CK'), ('683', 'NU'), ('685', 'WS'), ('686', 'KI'), ('687', 'NC'),
  ('688', 'TV'), ('689', 'PF'), ('690', 'TK'), ('691', 'FM'), ('692', 'MH'), ('850', 'KP'), ('852', 'HK'),
  ('853', 'MO'), ('855', 'KH'), ('856', 'LA'), ('880', 'BD'), ('886', 'TW'), ('960', 'MV'), ('961', 'LB'),
  ('962', 'JO'), ('963', 'SY'), ('964', 'IQ'), ('965', 'KW'), ('966', 'SA'), ('967', 'YE'), ('968', 'OM'),
  ('970', 'PS'), ('971', 'AE'), ('972', 'IL'), ('973', 'BH'), ('974', 'QA'), ('975', 'BT'), ('976', 'MN'),
  ('977', 'NP'), ('992', 'TJ'), ('993', 'TM'), ('994', 'AZ'), ('995', 'GE'), ('996', 'KG'), ('998', 'UZ')
) plan (calling_code, regions);

-- The session in which users change their own password goes on: that transaction names it.
CREATE FUNCTION session_spared() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT current_setting('dialtone.spared_session', true)
$$;

CREATE OR REPLACE FUNCTION sessions_end(account bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Most accounts that are written have none, and an UPDATE of nothing costs more than this.
  IF EXISTS (SELECT FROM sessions WHERE account_id = account) THEN
    UPDATE sessions SET revoked_at = now()
     WHERE account_id = account AND (revoked_at IS NULL OR revoked_at > now())
       AND jti IS DISTINCT FROM session_spared();
  END IF;
  -- No one can have logged in to what this transaction has made.
  IF EXISTS (SELECT FROM accounts WHERE id = account AND created_at <> now()) THEN
    PERFORM outbox_add('permissions.changed', account);
  END IF;
END $$;

-- Changes of e-mail and phone that wait for the code that was sent to the new address, or number. The hash is
-- an HMAC-SHA-256 with a key of the server; it is null once the code was used or another took its place, and
-- the row stays for the count of requests.
CREATE TABLE email_change_codes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  email text NOT NULL CHECK (length(email) <= 254),
  code_hash text CHECK (code_hash ~ '^[0-9a-f]{64}$'),
  -- Where administrators may see it.
  code_sealed bytea,
  attempts bigint NOT NULL DEFAULT 0,
  ip text,
  user_agent text,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (code_hash IS NOT NULL OR code_sealed IS NULL)
);
CREATE UNIQUE INDEX email_change_codes_live ON email_change_codes (account_id) WHERE code_hash IS NOT NULL;
CREATE INDEX email_change_codes_made ON email_change_codes (account_id, created_at);
CREATE INDEX email_change_codes_created_at ON email_change_codes (created_at);

CREATE TABLE phone_change_codes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id bigint NOT NULL REFERENCES accounts ON DELETE CASCADE,
  phone text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
  code_hash text CHECK (code_hash ~ '^[0-9a-f]{64}$'),
  code_sealed bytea,
  attempts bigint NOT NULL DEFAULT 0,
  ip text,
  user_agent text,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CHECK (code_hash IS NOT NULL OR code_sealed IS NULL)
);
CREATE UNIQUE INDEX phone_change_codes_live ON phone_change_codes (account_id) WHERE code_hash IS NOT NULL;
CREATE INDEX phone_change_codes_made ON phone_change_codes (account_id, created_at);
CREATE INDEX phone_change_codes_created_at ON phone_change_codes (created_at);

-- Copies of those that wait; json keeps the order of the keys.
ALTER TABLE accounts ADD COLUMN email_change json, ADD COLUMN phone_change json;

CREATE FUNCTION iso_time(t timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

CREATE FUNCTION email_change_codes_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  PERFORM FROM accounts WHERE id = owner FOR NO KEY UPDATE;
  UPDATE accounts SET email_change = (
    SELECT json_build_object('email', email, 'created_at', iso_time(created_at),
        'updated_at', iso_time(updated_at), 'ip', ip, 'user_agent', user_agent)
      FROM email_change_codes WHERE account_id = owner AND code_hash IS NOT NULL)
   WHERE id = owner;
  RETURN NULL;
END $$;
CREATE TRIGGER email_change_codes_show AFTER INSERT OR DELETE OR UPDATE OF code_hash ON email_change_codes
  FOR EACH ROW EXECUTE FUNCTION email_change_codes_show();

CREATE FUNCTION phone_change_codes_show() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  owner bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.account_id ELSE NEW.account_id END;
BEGIN
  PERFORM FROM accounts WHERE id = owner FOR NO KEY UPDATE;
  UPDATE accounts SET phone_change = (
    SELECT json_build_object('phone', phone, 'created_at', iso_time(created_at),
        'updated_at', iso_time(updated_at), 'ip', ip, 'user_agent', user_agent)
      FROM phone_change_codes WHERE account_id = owner AND code_hash IS NOT NULL)
   WHERE id = owner;
  RETURN NULL;
END $$;
CREATE TRIGGER phone_change_codes_show AFTER INSERT OR DELETE OR UPDATE OF code_hash ON phone_change_codes
  FOR EACH ROW EXECUTE FUNCTION phone_change_codes_show();
