#include "bridge/admin/control/request.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "codecs/text/name.h"
#include "conf/table/password_hash.h"
#include "conf/table/shape.h"

#define WORD_SHOWN_MAX 200

static bool wrong(char *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(char *fault, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(fault, REQUEST_FAULT_MAX, format, arguments);
	va_end(arguments);
	shape_make_printable(fault);
	return false;
}

static const struct admin_argument *argument_find(const struct admin_verb *verb, const char *name)
{
	for (size_t i = 0; i < verb_argument_count(verb); i++)
		if (strcmp(verb->arguments[i].name, name) == 0)
			return &verb->arguments[i];
	return NULL;
}

/* ---- reading ---- */

static bool check_text(const struct admin_argument *argument, const json_t *value, char *fault)
{
	const char *text = json_string_value(value), *why;

	if (!text)
		return wrong(fault, "%s has to be a string", argument->name);
	why = verb_value_fault(argument->value, text);
	return !why || wrong(fault, "%s '%.100s' %s", argument->name, text, why);
}

static bool check_words(const struct admin_argument *argument, const json_t *value, char *fault)
{
	if (!json_is_array(value) || json_array_size(value) > REQUEST_WORDS_MAX)
		return wrong(fault, "%s has to be an array of at most %d strings", argument->name,
			     REQUEST_WORDS_MAX);
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!check_text(argument, json_array_get(value, i), fault))
			return false;
	return true;
}

static bool check_value(const struct admin_argument *argument, const json_t *value, char *fault)
{
	if (argument->value == VALUE_YES)
		return json_is_boolean(value) ||
		       wrong(fault, "%s has to be true or false", argument->name);
	if (argument->many || (argument->rest && argument->value != VALUE_TEXT))
		return check_words(argument, value, fault);
	return check_text(argument, value, fault);
}

static bool check_secret(const struct admin_verb *verb, const json_t *value, char *fault)
{
	const char *hash = json_string_value(value), *why;

	if (!verb->secret)
		return !value ||
		       wrong(fault, "%s takes no argument '%s'", verb->name, REQUEST_SECRET);
	if (!hash)
		return wrong(fault, "%s needs the hash of a secret", verb->name);
	why = password_hash_fault(hash);
	return !why || wrong(fault, "the hash of the secret %s", why);
}

static bool check_members(const struct request *request, char *fault)
{
	const struct admin_argument *argument;
	const char *name;
	json_t *value;

	json_object_foreach(request->json, name, value)
	{
		if (strcmp(name, "verb") == 0 || strcmp(name, REQUEST_SECRET) == 0)
			continue;
		argument = argument_find(request->verb, name);
		if (strcmp(name, "file") == 0) {
			if (!json_is_string(value))
				return wrong(fault, "file has to be a string");
		} else if (!argument) {
			return wrong(fault, "%s takes no argument '%.100s'", request->verb->name,
				     name);
		} else if (!check_value(argument, value, fault)) {
			return false;
		}
	}
	for (size_t i = 0; i < verb_argument_count(request->verb); i++) {
		argument = &request->verb->arguments[i];
		if (argument->required && !json_object_get(request->json, argument->name))
			return wrong(fault, "%s needs %s", request->verb->name, argument->shown);
	}
	return check_secret(request->verb, json_object_get(request->json, REQUEST_SECRET), fault);
}

static bool check(struct request *request, char *fault)
{
	const char *name = json_string_value(json_object_get(request->json, "verb"));

	if (!name)
		return wrong(fault, "a request is an object with a verb");
	request->verb = admin_verb_find(name);
	if (!request->verb)
		return wrong(fault, "unknown verb '%.100s'", name);
	request->file = json_string_value(json_object_get(request->json, "file"));
	return check_members(request, fault);
}

bool request_read(const char *line, size_t len, struct request *request,
		  char fault[REQUEST_FAULT_MAX])
{
	json_error_t error;

	*request =
	    (struct request){ .json = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error) };
	if (!request->json)
		return wrong(fault, "a request is a line of JSON: %s", error.text);
	if (check(request, fault))
		return true;
	request_clear(request);
	return false;
}

void request_clear(struct request *request)
{
	json_decref(request->json);
	*request = (struct request){ .verb = NULL };
}

/* ---- values ---- */

const char *request_text(const struct request *request, const char *name)
{
	return json_string_value(json_object_get(request->json, name));
}

bool request_has(const struct request *request, const char *name)
{
	return json_is_true(json_object_get(request->json, name));
}

size_t request_words(const struct request *request, const char *name,
		     const char *words[REQUEST_WORDS_MAX])
{
	const json_t *array = json_object_get(request->json, name);
	size_t count = json_array_size(array);

	for (size_t i = 0; i < count; i++)
		words[i] = json_string_value(json_array_get(array, i));
	return count;
}

bool request_changes(const struct request *request)
{
	const struct admin_verb *verb = request->verb;

	return verb->changes && (!verb->unless || json_object_get(request->json, verb->unless));
}

/* ---- for the log ---- */

static size_t print_word(char *out, size_t size, const char *option, const char *text)
{
	char escaped[WORD_SHOWN_MAX];
	int len;

	text_escape(slice_of(text), escaped, sizeof(escaped));
	if (option)
		len = snprintf(out, size, " --%s \"%s\"", option, escaped);
	else
		len = snprintf(out, size, " \"%s\"", escaped);
	return (size_t)len < size ? (size_t)len : size - 1;
}

static size_t print_argument(const struct request *request, const struct admin_argument *argument,
			     char *out, size_t size)
{
	const char *words[REQUEST_WORDS_MAX], *text = request_text(request, argument->name);
	const char *option = argument->option ? argument->name : NULL;
	size_t count = request_words(request, argument->name, words), at = 0;
	int len = 0;

	if (argument->value == VALUE_YES && request_has(request, argument->name))
		len = snprintf(out, size, " --%s", argument->name);
	else if (text && argument->value != VALUE_TEXT)
		return print_word(out, size, option, text);
	for (size_t i = 0; i < count; i++)
		at += print_word(out + at, size - at, option, words[i]);
	return len > 0 ? ((size_t)len < size ? (size_t)len : size - 1) : at;
}

char *request_print(const struct request *request, char *out, size_t size)
{
	int len = snprintf(out, size, "%s", request->verb->name);
	size_t at = (size_t)len < size ? (size_t)len : size - 1;

	for (size_t i = 0; i < verb_argument_count(request->verb); i++)
		at += print_argument(request, &request->verb->arguments[i], out + at, size - at);
	return out;
}
