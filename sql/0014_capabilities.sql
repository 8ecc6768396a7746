-- What a profile grants is worked out in C and written with the profile.
ALTER TABLE profiles
  DROP CONSTRAINT profiles_macros_check,
  ADD CONSTRAINT profiles_macros_check CHECK (jsonb_typeof(macro_permissions) = 'object'),
  ALTER capabilities DROP EXPRESSION,
  ALTER capabilities SET DEFAULT '{}';

DROP TRIGGER profiles_tell ON profiles;
CREATE TRIGGER profiles_tell AFTER INSERT OR DELETE OR UPDATE OF is_default, capabilities
  ON profiles FOR EACH ROW EXECUTE FUNCTION profiles_tell();

DROP FUNCTION cti_capabilities, cti_macros_keyed, cti_macros_are_valid;
