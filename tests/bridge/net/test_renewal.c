#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/worker.h"
#include "bridge/known.h"
#include "bridge/net/renewal.h"
#include "bridge/net/tls.h"
#include "bridge/setup.h"
#include "conf/load.h"
#include "tests/support/pem_folder.h"

#define MOUNTS "mounts = ( { path = \"/\"; dialect = \"simple\"; } );"

struct house {
	struct conf *conf;
	struct bridge *bridge;
	char *said;
};

/* One plain listener between two with TLS. Without a bridge when that was refused. */
static struct house house_try(void)
{
	struct house house = { 0 };
	struct conf_printer printer;
	char text[1024];
	size_t size;
	FILE *errors = open_memstream(&house.said, &size);

	snprintf(text, sizeof(text),
		 "workers = 3; listeners = ("
		 "{ port = 0; tls_certificate = \"%s\"; tls_key = \"%s\"; " MOUNTS " },"
		 "{ port = 0; " MOUNTS " },"
		 "{ port = 0; tls_certificate = \"%s\"; tls_key = \"%s\"; " MOUNTS " } );",
		 pem_path("one.pem"), pem_path("one.key"), pem_path("two.pem"),
		 pem_path("two.key"));
	conf_printer_init(&printer, stderr);
	house.conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(house.conf);
	house.bridge = setup_bridge(house.conf, NULL, errors);
	assert_int_equal(setup_check(house.conf, errors), house.bridge != NULL);
	fclose(errors);
	return house;
}

static struct house house_open(void)
{
	struct house house;

	pem_make("one", &(struct pem){ .kind = "EC", .name = "one" });
	pem_make("two", &(struct pem){ .kind = "EC", .name = "two" });
	house = house_try();
	assert_non_null(house.bridge);
	assert_string_equal(house.said, "");
	return house;
}

static void house_close(struct house *house)
{
	setup_free(house->bridge);
	conf_free(house->conf);
	free(house->said);
}

/* Each worker is told of these certificates, in order, and of nothing else. */
static void told(struct house *house, const size_t *listeners, size_t count)
{
	for (unsigned w = 0; w < house->bridge->worker_count; w++) {
		struct post *post = mailbox_take(&house->bridge->workers[w]->box);

		for (size_t i = 0; i < count; i++) {
			struct listener_info *listener = &house->bridge->listeners[listeners[i]];
			struct post *next;

			assert_non_null(post);
			assert_int_equal(post->kind, POST_CERTIFICATE);
			assert_ptr_equal(((struct post_certificate *)post)->listener, listener);
			assert_ptr_equal(((struct post_certificate *)post)->certificate,
					 listener->certificate);
			next = post->next;
			post_free(post);
			post = next;
		}
		assert_null(post);
	}
}

static void listeners_get_their_certificates(void **state)
{
	struct house house = house_open();
	const struct listener_info *listeners = house.bridge->listeners;

	(void)state;
	assert_true(listeners[0].tls);
	assert_false(listeners[1].tls);
	assert_true(listeners[2].tls);
	assert_non_null(listeners[0].certificate);
	assert_null(listeners[1].certificate);
	assert_non_null(listeners[2].certificate);
	house_close(&house);
}

static void a_bad_pair_is_no_bridge(void **state)
{
	struct house house;

	(void)state;
	pem_make("one", &(struct pem){ .kind = "EC", .name = "one" });
	pem_make("two", &(struct pem){ .kind = "EC", .name = "two" });
	pem_write(&(struct pem){ .kind = "EC", .name = "other" }, pem_path("two.pem"),
		  pem_path("other.key"));
	house = house_try();
	assert_null(house.bridge);
	assert_non_null(strstr(house.said, pem_path("two.pem")));
	assert_null(strstr(house.said, pem_path("one.pem")));
	house_close(&house);
}

static void new_ones_reach_every_worker(void **state)
{
	struct house house = house_open();
	struct certificate *before = certificate_hold(house.bridge->listeners[0].certificate);

	(void)state;
	pem_make("one", &(struct pem){ .kind = "RSA", .name = "one" });
	assert_int_equal(renewal_read(house.bridge), 0);
	assert_ptr_not_equal(house.bridge->listeners[0].certificate, before);
	told(&house, (const size_t[]){ 0, 2 }, 2);
	certificate_release(before);
	/* What nobody takes out of the mail is freed with it. */
	assert_int_equal(renewal_read(house.bridge), 0);
	house_close(&house);
}

static void bad_ones_change_nothing(void **state)
{
	struct house house = house_open();
	struct certificate *before = house.bridge->listeners[2].certificate;

	(void)state;
	pem_write(&(struct pem){ .kind = "EC", .name = "other" }, pem_path("two.pem"),
		  pem_path("other.key"));
	assert_int_equal(renewal_read(house.bridge), 1);
	assert_ptr_equal(house.bridge->listeners[2].certificate, before);
	told(&house, (const size_t[]){ 0 }, 1);
	unlink(pem_path("one.key"));
	assert_int_equal(renewal_read(house.bridge), 2);
	told(&house, NULL, 0);
	house_close(&house);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listeners_get_their_certificates),
		cmocka_unit_test(a_bad_pair_is_no_bridge),
		cmocka_unit_test(new_ones_reach_every_worker),
		cmocka_unit_test(bad_ones_change_nothing),
	};

	return cmocka_run_group_tests(tests, pem_folder_make, pem_folder_remove);
}
