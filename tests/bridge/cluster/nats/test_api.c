#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/cluster/nats/api.h"

static struct subjects subjects;

static void subjects_tell_their_shard(void **state)
{
	char text[SUBJECT_MAX];
	unsigned shard;

	(void)state;
	assert_string_equal(subject_of_shard(&subjects, 7, text), "dragoman.hall.log.7");
	assert_true(subject_shard(&subjects, subjects.live, "dragoman.hall.live.15", &shard));
	assert_int_equal(shard, 15);
	assert_false(subject_shard(&subjects, subjects.live, "dragoman.hall.live.16", &shard));
	assert_false(subject_shard(&subjects, subjects.live, "dragoman.hall.live.probe", &shard));
	assert_false(subject_shard(&subjects, subjects.live, "dragoman.hall.live.", &shard));
	assert_false(subject_shard(&subjects, subjects.live, "dragoman.hall.live.-1", &shard));
	assert_false(subject_shard(&subjects, subjects.live, "dragoman.other.live.1", &shard));
}

static void requests_are_written(void **state)
{
	char *text = api_get("dragoman.hall.log.3", 42);

	(void)state;
	assert_string_equal(text, "{\"seq\":42,\"next_by_subj\":\"dragoman.hall.log.3\"}");
	free(text);
	text = api_purge("s", 9);
	assert_string_equal(text, "{\"filter\":\"s\",\"seq\":9}");
	free(text);
	text = api_make_stream(&subjects, 3);
	assert_non_null(strstr(text, "\"num_replicas\":3"));
	assert_non_null(strstr(text, "\"max_age\":0"));
	assert_non_null(strstr(text, "\"discard\":\"new\""));
	free(text);
}

static enum api_verdict read_append(const char *text, struct api_answer *answer)
{
	return api_read_append(text, strlen(text), answer);
}

static void answers_are_read(void **state)
{
	struct api_answer answer;

	(void)state;
	assert_int_equal(read_append("{\"stream\":\"S\",\"seq\":12}", &answer), API_OK);
	assert_int_equal(answer.sequence, 12);
	assert_int_equal(read_append("{\"stream\":\"S\"}", &answer), API_FAILED);
	assert_int_equal(read_append("nonsense", &answer), API_FAILED);
	assert_int_equal(read_append("", &answer), API_FAILED);
	assert_int_equal(read_append("[]", &answer), API_FAILED);
	assert_int_equal(read_append("{\"error\":{\"code\":503,\"err_code\":10077,\"description\":"
				     "\"maximum \\u001b exceeded\"},\"seq\":0}",
				     &answer),
			 API_FAILED);
	assert_string_equal(answer.text, "maximum ? exceeded");
	assert_int_equal(
	    read_append("{\"error\":{\"code\":404,\"err_code\":10059,\"description\":\"stream not "
			"found\"}}",
			&answer),
	    API_ABSENT);
}

static void messages_are_read(void **state)
{
	static const char found[] =
	    "{\"message\":{\"subject\":\"s\",\"seq\":5,\"data\":\"AAEC/w==\"}}",
			  empty[] = "{\"message\":{\"subject\":\"s\",\"seq\":6}}",
			  broken[] = "{\"message\":{\"seq\":5,\"data\":\"A!\"}}",
			  none[] = "{\"error\":{\"code\":404,\"err_code\":10037}}";
	struct api_answer answer;

	(void)state;
	assert_int_equal(api_read_message(found, strlen(found), &answer), API_OK);
	assert_int_equal(answer.sequence, 5);
	assert_int_equal(answer.len, 4);
	assert_memory_equal(answer.bytes, "\x00\x01\x02\xff", 4);
	free(answer.bytes);
	assert_int_equal(api_read_message(empty, strlen(empty), &answer), API_OK);
	assert_int_equal(answer.len, 0);
	free(answer.bytes);
	assert_int_equal(api_read_message(broken, strlen(broken), &answer), API_FAILED);
	assert_null(answer.bytes);
	assert_int_equal(api_read_message(none, strlen(none), &answer), API_ABSENT);
}

/* As a server tells of it; with other text in place of one part. */
static void check_stream(const char *part, const char *instead, const char *fault)
{
	static const char whole[] =
	    "{\"config\":{\"name\":\"DRAGOMAN_hall\",\"subjects\":[\"dragoman.hall.log.*\"],"
	    "\"retention\":\"limits\",\"storage\":\"file\",\"max_age\":0,\"max_msgs\":-1,"
	    "\"max_bytes\":-1,\"num_replicas\":3,\"allow_direct\":true,\"republish\":{\"src\":"
	    "\"dragoman.hall.log.*\",\"dest\":\"dragoman.hall.live.{{wildcard(1)}}\"}},"
	    "\"state\":{\"messages\":7,\"bytes\":70},\"cluster\":{\"leader\":\"a\",\"replicas\":["
	    "{\"name\":\"b\",\"current\":true},{\"name\":\"c\",\"current\":true,\"offline\":true}"
	    "]}}";
	const char *at = strstr(whole, part);
	char text[sizeof(whole) + 128];
	struct api_stream stream;
	struct api_answer answer;

	assert_non_null(at);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - whole), whole, instead,
		       at + strlen(part));
	assert_int_equal(api_read_stream(text, strlen(text), &subjects, &stream, &answer), API_OK);
	assert_string_equal(stream.fault, fault);
	assert_int_equal(stream.replicas, 3);
	assert_int_equal(stream.current, 2);
	assert_string_equal(stream.leader, "a");
	assert_int_equal(stream.messages, 7);
}

static void streams_are_judged(void **state)
{
	(void)state;
	check_stream("\"max_age\"", "\"max_age\"", "");
	check_stream("\"max_age\":0", "\"max_age\":1000",
		     "it has limits by which it would lose records");
	check_stream("\"max_bytes\":-1", "\"max_bytes\":1000",
		     "it has limits by which it would lose records");
	check_stream("\"storage\":\"file\"", "\"storage\":\"memory\"", "it is not stored in files");
	check_stream("\"allow_direct\":true", "\"allow_direct\":false", "it has no allow_direct");
	check_stream("live.{{wild", "elsewhere.{{wild", "it does not republish as it has to");
	check_stream("\"subjects\":[\"dragoman.hall.log.*\"]", "\"subjects\":[\"a\",\"b\"]",
		     "its subjects are others");
	check_stream("\"max_age\":0", "\"max_age\":0,\"deny_purge\":true",
		     "it is sealed, or denies purging");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subjects_tell_their_shard), cmocka_unit_test(requests_are_written),
		cmocka_unit_test(answers_are_read),          cmocka_unit_test(messages_are_read),
		cmocka_unit_test(streams_are_judged),
	};

	subjects_make(&subjects, "hall", 0, 16);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
