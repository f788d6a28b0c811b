#include "bridge/cluster/nats/api.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/credentials.h"
#include "codecs/text/memory.h"

#define CODE_NO_MESSAGE 10037
#define CODE_NO_STREAM  10059

/* ---- what is asked ---- */

static char *written(json_t *root)
{
	char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;

	if (!text)
		abort();
	json_decref(root);
	return text;
}

/* Nothing is ever removed but by us: a log that is full refuses what is new. */
char *api_make_stream(const struct subjects *subjects, int replicas)
{
	char all[SUBJECT_MAX], live[SUBJECT_MAX];

	snprintf(all, sizeof(all), "%.120s*", subjects->log);
	snprintf(live, sizeof(live), "%.100s{{wildcard(1)}}", subjects->live);
	return written(json_pack(
	    "{s:s, s:[s], s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:I, s:b, s:b, s:{s:s, s:s}}", "name",
	    subjects->stream, "subjects", all, "retention", "limits", "storage", "file", "discard",
	    "new", "num_replicas", replicas, "max_consumers", -1, "max_msgs", -1, "max_bytes", -1,
	    "max_age", (json_int_t)0, "allow_direct", 1, "deny_delete", 1, "republish", "src", all,
	    "dest", live));
}

char *api_get(const char *subject, uint64_t from)
{
	return written(json_pack("{s:I, s:s}", "seq", (json_int_t)from, "next_by_subj", subject));
}

char *api_purge(const char *subject, uint64_t below)
{
	return below ? written(json_pack("{s:s, s:I}", "filter", subject, "seq", (json_int_t)below))
		     : written(json_pack("{s:s}", "filter", subject));
}

/* ---- what is answered ---- */

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static json_int_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* Printable: it is shown to people. */
static void copy_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
	for (; *out; out++)
		if ((unsigned char)*out < 0x20 || *out == 0x7f)
			*out = '?';
}

/* The tree, when the server did it. Returns new, or NULL: *verdict says. */
static json_t *read_answer(const void *bytes, size_t len, struct api_answer *answer,
			   enum api_verdict *verdict)
{
	json_t *root = json_loadb(bytes, len, 0, NULL);
	const json_t *error = json_object_get(root, "error");

	memset(answer, 0, sizeof(*answer));
	*verdict = API_OK;
	if (json_is_object(root) && !json_is_object(error))
		return root;
	*verdict = API_FAILED;
	if (!json_is_object(root)) {
		snprintf(answer->text, sizeof(answer->text), "an answer that is not understood");
	} else {
		json_int_t code = number_of(error, "err_code");

		if (code == CODE_NO_MESSAGE || code == CODE_NO_STREAM)
			*verdict = API_ABSENT;
		copy_text(answer->text, sizeof(answer->text), text_of(error, "description"));
	}
	json_decref(root);
	return NULL;
}

enum api_verdict api_read_plain(const void *json, size_t len, struct api_answer *answer)
{
	enum api_verdict verdict;

	json_decref(read_answer(json, len, answer, &verdict));
	return verdict;
}

enum api_verdict api_read_append(const void *json, size_t len, struct api_answer *answer)
{
	enum api_verdict verdict;
	json_t *root = read_answer(json, len, answer, &verdict);

	if (!root)
		return verdict;
	answer->sequence = (uint64_t)number_of(root, "seq");
	json_decref(root);
	return answer->sequence ? API_OK : API_FAILED;
}

static bool undo_base64(const json_t *data, struct api_answer *answer)
{
	struct slice text = { json_string_value(data), json_string_length(data) }, plain;

	answer->bytes = memory_new(text.len);
	if (!text.len)
		return true;
	plain = credentials_base64(text, (char *)answer->bytes);
	answer->len = plain.len;
	return plain.data != NULL;
}

enum api_verdict api_read_message(const void *json, size_t len, struct api_answer *answer)
{
	enum api_verdict verdict;
	json_t *root = read_answer(json, len, answer, &verdict);
	const json_t *message = json_object_get(root, "message");

	if (!root)
		return verdict;
	answer->sequence = (uint64_t)number_of(message, "seq");
	if (!answer->sequence || !undo_base64(json_object_get(message, "data"), answer)) {
		free(answer->bytes);
		answer->bytes = NULL;
		verdict = API_FAILED;
	}
	json_decref(root);
	return verdict;
}

/* ---- a stream ---- */

static bool is_list_of(const json_t *list, const char *text)
{
	return json_array_size(list) == 1 &&
	       strcmp(text, json_string_value(json_array_get(list, 0))
				? json_string_value(json_array_get(list, 0))
				: "") == 0;
}

/* What must hold of a stream that we use; else constant. */
static const char *stream_fault(const json_t *config, const struct subjects *subjects)
{
	const json_t *again = json_object_get(config, "republish");
	char all[SUBJECT_MAX];

	snprintf(all, sizeof(all), "%.120s*", subjects->log);
	if (!is_list_of(json_object_get(config, "subjects"), all))
		return "its subjects are others";
	if (strcmp(text_of(again, "src"), all) != 0 ||
	    strncmp(text_of(again, "dest"), subjects->live, strlen(subjects->live)) != 0 ||
	    json_is_true(json_object_get(again, "headers_only")))
		return "it does not republish as it has to";
	if (strcmp(text_of(config, "retention"), "limits") != 0 ||
	    number_of(config, "max_age") != 0 || number_of(config, "max_msgs") > 0 ||
	    number_of(config, "max_bytes") > 0 || number_of(config, "max_msgs_per_subject") > 0)
		return "it has limits by which it would lose records";
	if (strcmp(text_of(config, "storage"), "file") != 0)
		return "it is not stored in files";
	if (!json_is_true(json_object_get(config, "allow_direct")))
		return "it has no allow_direct";
	if (json_is_true(json_object_get(config, "sealed")) ||
	    json_is_true(json_object_get(config, "deny_purge")))
		return "it is sealed, or denies purging";
	return "";
}

/* Of a server alone nothing is told of replicas. */
static void read_replicas(const json_t *root, struct api_stream *stream)
{
	const json_t *cluster = json_object_get(root, "cluster"),
		     *others = json_object_get(cluster, "replicas"), *other;
	size_t i;

	if (!cluster) {
		stream->current = 1;
		return;
	}
	copy_text(stream->leader, sizeof(stream->leader), text_of(cluster, "leader"));
	stream->current = stream->leader[0] ? 1 : 0;
	json_array_foreach(others, i, other)
	{
		if (json_is_true(json_object_get(other, "current")) &&
		    !json_is_true(json_object_get(other, "offline")))
			stream->current++;
	}
}

enum api_verdict api_read_stream(const void *json, size_t len, const struct subjects *subjects,
				 struct api_stream *stream, struct api_answer *answer)
{
	enum api_verdict verdict;
	json_t *root = read_answer(json, len, answer, &verdict);
	const json_t *config = json_object_get(root, "config"),
		     *state = json_object_get(root, "state");

	memset(stream, 0, sizeof(*stream));
	if (!root)
		return verdict;
	stream->replicas = (int)number_of(config, "num_replicas");
	stream->messages = (uint64_t)number_of(state, "messages");
	stream->bytes = (uint64_t)number_of(state, "bytes");
	snprintf(stream->fault, sizeof(stream->fault), "%s", stream_fault(config, subjects));
	read_replicas(root, stream);
	json_decref(root);
	return API_OK;
}
