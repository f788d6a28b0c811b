#include "tests/support/json_oracle.h"

#include <string.h>

#include <jansson.h>

static struct oracle oracle_of(json_t *value)
{
	struct oracle result = { .value = value };

	switch (json_typeof(value)) {
	case JSON_NULL: result.type = ORACLE_NULL; break;
	case JSON_FALSE: result.type = ORACLE_FALSE; break;
	case JSON_TRUE: result.type = ORACLE_TRUE; break;
	case JSON_INTEGER:
		result.type = ORACLE_INTEGER;
		result.integer = json_integer_value(value);
		break;
	case JSON_REAL:
		result.type = ORACLE_REAL;
		result.real = json_real_value(value);
		break;
	case JSON_STRING:
		result.type = ORACLE_STRING;
		result.text = json_string_value(value);
		result.len = json_string_length(value);
		break;
	case JSON_ARRAY: result.type = ORACLE_ARRAY; break;
	case JSON_OBJECT: result.type = ORACLE_OBJECT; break;
	}
	return result;
}

static enum oracle_verdict verdict_of(const json_error_t *error)
{
	static const char lone[] = "invalid Unicode '\\u";

	switch (json_error_code(error)) {
	case json_error_duplicate_key: return ORACLE_DUPLICATE;
	case json_error_numeric_overflow: return ORACLE_BIG_NUMBER;
	case json_error_null_byte_in_key: return ORACLE_NUL_IN_NAME;
	default: break;
	}
	return strncmp(error->text, lone, sizeof(lone) - 1) == 0 ? ORACLE_LONE_SURROGATE
								 : ORACLE_INVALID;
}

enum oracle_verdict oracle_read(const char *text, size_t len, struct oracle *root)
{
	json_error_t error;
	json_t *value = json_loadb(
	    text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);

	if (!value)
		return verdict_of(&error);
	*root = oracle_of(value);
	return ORACLE_VALID;
}

void oracle_free(struct oracle *root)
{
	json_decref(root->value);
	root->value = NULL;
}

size_t oracle_count(const struct oracle *parent)
{
	return parent->type == ORACLE_OBJECT ? json_object_size(parent->value)
					     : json_array_size(parent->value);
}

struct oracle oracle_child(const struct oracle *parent, size_t index, const char **name,
			   size_t *name_len)
{
	void *at;

	if (parent->type == ORACLE_ARRAY)
		return oracle_of(json_array_get(parent->value, index));
	at = json_object_iter(parent->value);
	while (index-- > 0)
		at = json_object_iter_next(parent->value, at);
	*name = json_object_iter_key(at);
	*name_len = json_object_iter_key_len(at);
	return oracle_of(json_object_iter_value(at));
}
