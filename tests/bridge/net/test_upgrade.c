#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/net/upgrade.h"
#include "conf/conf.h"

static struct mount mounts[] = { { .path = "/mixer" }, { .path = "/" } };

/* A listener whose lists hold what is given; NULL: nothing. */
struct site {
	struct conf_listener conf;
	struct listener_info info;
	char *origins[2], *hosts[2], *subprotocols[2];
};

static void site_open(struct site *site, const char *origin, const char *host,
		      const char *subprotocol)
{
	*site = (struct site){ .origins = { (char *)(uintptr_t)origin },
			       .hosts = { (char *)(uintptr_t)host },
			       .subprotocols = { (char *)(uintptr_t)subprotocol } };
	site->conf.origins = (struct conf_list){ site->origins, origin != NULL };
	site->conf.hosts = (struct conf_list){ site->hosts, host != NULL };
	site->conf.subprotocols = (struct conf_list){ site->subprotocols, subprotocol != NULL };
	site->info = (struct listener_info){
		.conf = &site->conf, .mounts = mounts, .mount_count = 2, .port = 7000
	};
}

static struct upgrade_request request_usual(void)
{
	return (struct upgrade_request){ .path = SLICE("/mixer"),
					 .host = SLICE("127.0.0.1:7000"),
					 .version = SLICE("13"),
					 .key = SLICE("dGhlIHNhbXBsZSBub25jZQ==") };
}

/* The status of the verdict: 101 when it may be upgraded. */
static int judge(const struct site *site, const struct upgrade_request *request)
{
	struct codec_response response;
	enum upgrade_fault fault;

	if (upgrade_judge(&site->info, request, &response, &fault))
		return 101;
	assert_non_null(upgrade_fault_code(fault));
	/* With a sentence for a person, on a line. */
	assert_true(slice_is(response.type, "text/plain; charset=utf-8"));
	assert_true(response.body.len > 1);
	assert_int_equal(response.body.data[response.body.len - 1], '\n');
	return (int)response.status;
}

static int judge_host(const struct site *site, const char *host)
{
	struct upgrade_request request = request_usual();

	request.host = slice_of(host);
	return judge(site, &request);
}

static int judge_origin(const struct site *site, const char *origin)
{
	struct upgrade_request request = request_usual();

	request.origin = slice_of(origin);
	return judge(site, &request);
}

static int judge_protocols(const struct site *site, const char *protocols)
{
	struct upgrade_request request = request_usual();

	request.protocols = slice_of(protocols);
	return judge(site, &request);
}

static int judge_path(const struct site *site, const char *path)
{
	struct upgrade_request request = request_usual();

	request.path = slice_of(path);
	return judge(site, &request);
}

static void hosts_are_addresses_and_localhost(void **state)
{
	static const char *const good[] = { "127.0.0.1",       "127.0.0.1:7000", "localhost",
					    "LocalHost:7000",  "[::1]:7000",     "[::1]",
					    "10.1.2.3:80",     "[fe80::1:2]",    "localhost.",
					    "LOCALHOST.:7000", "127.0.0.1:" };
	static const char *const bad[] = { "evil.example",
					   "evil.example:7000",
					   "localhost.evil.example",
					   "127.0.0.1.evil.example",
					   "localhos",
					   "",
					   ":7000",
					   "[::1",
					   "::1",
					   "256.0.0.1",
					   "localhost..",
					   ".",
					   "localhost:port",
					   "127.0.0.1:65536",
					   "[::1]7000",
					   "[]" };
	struct site site;

	(void)state;
	site_open(&site, NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (judge_host(&site, good[i]) != 101)
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (judge_host(&site, bad[i]) != 403)
			fail_msg("%s is let in", bad[i]);
	assert_int_equal(judge_host(&site, NULL), 403);
}

static void hosts_may_be_listed(void **state)
{
	struct site site;

	(void)state;
	site_open(&site, NULL, "chat.example", NULL);
	assert_int_equal(judge_host(&site, "chat.example"), 101);
	assert_int_equal(judge_host(&site, "CHAT.example:443"), 101);
	assert_int_equal(judge_host(&site, "localhost"), 101);
	assert_int_equal(judge_host(&site, "chat.example.evil.example"), 403);
	assert_int_equal(judge_host(&site, "hat.example"), 403);
	assert_int_equal(judge_host(&site, "Chat.Example.:7000"), 101);
	site_open(&site, NULL, "Chat.Example.", NULL);
	assert_int_equal(judge_host(&site, "chat.example"), 101);
	site_open(&site, NULL, "*", NULL);
	assert_int_equal(judge_host(&site, "anything.example"), 101);
}

static void origins_are_ones_own(void **state)
{
	static const char *const bad[] = { "http://evil.example",
					   "https://127.0.0.1",
					   "http://127.0.0.1:7001",
					   "http://127.0.0.1:70000",
					   "http://127.0.0.1:7000.evil.example",
					   "http://evil.example/127.0.0.1:7000",
					   "127.0.0.1:7000",
					   "file://127.0.0.1:7000",
					   "null",
					   "*" };
	struct site site;

	(void)state;
	site_open(&site, NULL, NULL, NULL);
	assert_int_equal(judge_origin(&site, NULL), 101);
	assert_int_equal(judge_origin(&site, "http://127.0.0.1:7000"), 101);
	assert_int_equal(judge_origin(&site, "https://127.0.0.1:7000"), 101);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (judge_origin(&site, bad[i]) != 403)
			fail_msg("%s is let in", bad[i]);
}

static void a_page_may_come_from_this_machine(void **state)
{
	static const char *const good[] = { "null", "http://localhost:3000",
					    "http://127.0.0.1:8080", "https://127.1.2.3",
					    "http://[::1]:5173" };
	static const char *const bad[] = { "http://evil.example",
					   "http://127.evil.example",
					   "http://localhost.evil.example",
					   "http://10.0.0.1",
					   "file://localhost",
					   "http://[::2]",
					   "NULL" };
	struct site site;

	(void)state;
	site_open(&site, NULL, NULL, NULL);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(judge_origin(&site, good[i]), 403);
	site.conf.page = true;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (judge_origin(&site, good[i]) != 101)
			fail_msg("%s is not let in", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (judge_origin(&site, bad[i]) != 403)
			fail_msg("%s is let in", bad[i]);
}

static void origins_may_be_listed(void **state)
{
	struct site site;

	(void)state;
	site_open(&site, "https://page.example", NULL, NULL);
	assert_int_equal(judge_origin(&site, "https://page.example"), 101);
	assert_int_equal(judge_origin(&site, "http://127.0.0.1:7000"), 101);
	assert_int_equal(judge_origin(&site, "http://page.example"), 403);
	assert_int_equal(judge_origin(&site, "https://page.example:444"), 403);
	assert_int_equal(judge_origin(&site, "null"), 403);
	site_open(&site, "null", NULL, NULL);
	assert_int_equal(judge_origin(&site, "null"), 101);
	site_open(&site, "*", NULL, NULL);
	assert_int_equal(judge_origin(&site, "https://anything.example"), 101);
	assert_int_equal(judge_origin(&site, "null"), 101);
}

struct pair {
	const char *left, *right;
};

static int judge_both(const char *listed, const char *origin, const char *host)
{
	struct site site;
	struct upgrade_request request = request_usual();

	site_open(&site, listed, "chat.example", NULL);
	request.origin = slice_of(origin);
	request.host = slice_of(host);
	return judge(&site, &request);
}

/* What a browser sends of its own page, and what a proxy makes of the Host. */
static void default_ports_fall_away(void **state)
{
	static const struct pair same[] = {
		{ "https://chat.example", "chat.example:443" },
		{ "https://chat.example:443", "chat.example" },
		{ "http://chat.example", "chat.example:80" },
		{ "http://chat.example:80", "chat.example" },
		{ "https://CHAT.example", "chat.EXAMPLE:443" },
		{ "https://chat.example", "chat.example.:443" },
		{ "https://chat.example.", "chat.example" },
		{ "https://[::1]", "[0:0:0:0:0:0:0:1]:443" },
	};
	static const struct pair other[] = {
		{ "https://chat.example", "chat.example:80" },
		{ "http://chat.example", "chat.example:443" },
		{ "https://chat.example", "chat.example:7000" },
		{ "https://chat.example:7000", "chat.example" },
		{ "https://[::2]", "[::1]:443" },
		{ "https://chat.example:443/", "chat.example:443" },
		{ "https://a@chat.example:443", "chat.example:443" },
		{ "wss://chat.example", "chat.example:443" },
		{ "://chat.example", "chat.example" },
		{ "chat.example", "chat.example" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (judge_both(NULL, same[i].left, same[i].right) != 101)
			fail_msg("%s is refused at %s", same[i].left, same[i].right);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (judge_both(NULL, other[i].left, other[i].right) != 403)
			fail_msg("%s is let in at %s", other[i].left, other[i].right);
}

static void listed_origins_are_compared_by_meaning(void **state)
{
	static const struct pair same[] = {
		{ "https://app.example:443", "https://app.example" },
		{ "https://app.example", "https://app.example:443" },
		{ "http://app.example:80", "http://app.example" },
		{ "HTTPS://App.Example.", "https://app.example" },
		{ "https://[2001:DB8::1]", "https://[2001:db8:0::1]" },
		{ "chrome-extension://abcdef", "chrome-extension://abcdef" },
		{ "file://", "file://" },
		{ "null", "null" },
	};
	static const struct pair other[] = {
		{ "https://app.example:443", "http://app.example:443" },
		{ "https://app.example:444", "https://app.example" },
		{ "http://app.example", "http://app.example:443" },
		{ "https://app.example", "https://app.example.evil.example" },
		{ "file://", "null" },
		{ "file://", "https://" },
		{ "null", "file://" },
		{ "null", "NULL" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (judge_both(same[i].left, same[i].right, "chat.example") != 101)
			fail_msg("%s does not let %s in", same[i].left, same[i].right);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		if (judge_both(other[i].left, other[i].right, "chat.example") != 403)
			fail_msg("%s lets %s in", other[i].left, other[i].right);
}

static void paths_lead_to_mounts(void **state)
{
	struct site site;
	struct upgrade_request request = request_usual();
	struct codec_response response;
	enum upgrade_fault fault;

	(void)state;
	site_open(&site, NULL, NULL, NULL);
	assert_ptr_equal(upgrade_judge(&site.info, &request, &response, &fault), &mounts[0]);
	request.path = SLICE("/mixer/");
	assert_ptr_equal(upgrade_judge(&site.info, &request, &response, &fault), &mounts[0]);
	request.path = SLICE("/");
	assert_ptr_equal(upgrade_judge(&site.info, &request, &response, &fault), &mounts[1]);
	assert_int_equal(judge_path(&site, "/mixers"), 404);
	assert_int_equal(judge_path(&site, "/mixe"), 404);
	assert_int_equal(judge_path(&site, "/MIXER"), 404);
	assert_int_equal(judge_path(&site, "/mixer//"), 404);
	assert_int_equal(judge_path(&site, ""), 404);
	assert_int_equal(judge_path(&site, NULL), 404);
}

static void only_version_13_of_http_1_1(void **state)
{
	struct site site;
	struct upgrade_request request = request_usual();
	struct codec_response response;
	enum upgrade_fault fault;

	(void)state;
	site_open(&site, NULL, NULL, NULL);
	request.broken = true;
	assert_int_equal(judge(&site, &request), 400);
	request.broken = false;
	request.old = true;
	assert_int_equal(judge(&site, &request), 505);
	request.old = false;
	request.version = SLICE("8");
	assert_null(upgrade_judge(&site.info, &request, &response, &fault));
	assert_int_equal(response.status, 426);
	assert_true(slice_is(response.header, "Sec-WebSocket-Version: 13"));
	request.version = SLICE("130");
	assert_int_equal(judge(&site, &request), 426);
	request.version = (struct slice){ 0 };
	assert_int_equal(judge(&site, &request), 426);
}

static void the_key_is_16_bytes(void **state)
{
	struct site site;
	struct upgrade_request request = request_usual();

	(void)state;
	site_open(&site, NULL, NULL, NULL);
	assert_int_equal(judge(&site, &request), 101);
	request.key = SLICE("dGhlIHNhbXBsZSBub25j");
	assert_int_equal(judge(&site, &request), 400);
	request.key = (struct slice){ 0 };
	assert_int_equal(judge(&site, &request), 400);
}

static void any_subprotocol_may_be_offered(void **state)
{
	struct site site;

	(void)state;
	site_open(&site, NULL, NULL, NULL);
	assert_int_equal(judge_protocols(&site, NULL), 101);
	assert_int_equal(judge_protocols(&site, "mqtt"), 101);
	assert_int_equal(judge_protocols(&site, "mqtt, chat"), 101);
	assert_int_equal(judge_protocols(&site, " , dgm.v1 ,"), 101);
	assert_int_equal(judge_protocols(&site, "a b"), 400);
	assert_int_equal(judge_protocols(&site, "chat, (v1)"), 400);
}

static void common_and_listed_subprotocols_are_known(void **state)
{
	static const char *const common[] = { "chat", "http-only", "ws", "wss", "rust-websocket" };
	struct site site;

	(void)state;
	site_open(&site, NULL, NULL, "dgm.v1");
	for (size_t i = 0; i < sizeof(common) / sizeof(*common); i++)
		assert_true(upgrade_subprotocol_known(&site.info, slice_of(common[i])));
	assert_true(upgrade_subprotocol_known(&site.info, SLICE("dgm.v1")));
	assert_false(upgrade_subprotocol_known(&site.info, SLICE("mqtt")));
	assert_false(upgrade_subprotocol_known(&site.info, SLICE("chatter")));
	assert_false(upgrade_subprotocol_known(&site.info, SLICE("cha")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_addresses_and_localhost),
		cmocka_unit_test(hosts_may_be_listed),
		cmocka_unit_test(origins_are_ones_own),
		cmocka_unit_test(a_page_may_come_from_this_machine),
		cmocka_unit_test(origins_may_be_listed),
		cmocka_unit_test(default_ports_fall_away),
		cmocka_unit_test(listed_origins_are_compared_by_meaning),
		cmocka_unit_test(paths_lead_to_mounts),
		cmocka_unit_test(only_version_13_of_http_1_1),
		cmocka_unit_test(the_key_is_16_bytes),
		cmocka_unit_test(any_subprotocol_may_be_offered),
		cmocka_unit_test(common_and_listed_subprotocols_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
