#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "bridge/net/tls.h"
#include "tests/support/pem_folder.h"

#define EC(name_)  (&(struct pem){ .kind = "EC", .name = (name_) })
#define RSA(name_) (&(struct pem){ .kind = "RSA", .name = (name_) })

static struct certificate *reads(const char *certificate, const char *key)
{
	char why[CERTIFICATE_WHY_MAX] = "";
	struct certificate *read = certificate_read(pem_path(certificate), pem_path(key), why);

	if (!read)
		fail_msg("refused: %s", why);
	assert_string_equal(why, "");
	return read;
}

static void refuses(const char *certificate, const char *key, const char *file, const char *what)
{
	char why[CERTIFICATE_WHY_MAX] = "";

	assert_null(certificate_read(pem_path(certificate), pem_path(key), why));
	if (strncmp(why, pem_path(file), strlen(pem_path(file))) != 0 || !strstr(why, what))
		fail_msg("said: %s", why);
}

static void append(const char *to, const char *from)
{
	FILE *in = fopen(pem_path(from), "rb"), *out = fopen(pem_path(to), "ab");
	int byte;

	assert_non_null(in);
	assert_non_null(out);
	while ((byte = fgetc(in)) != EOF)
		fputc(byte, out);
	fclose(in);
	fclose(out);
}

static void pairs_are_read(void **state)
{
	struct certificate *certificate;

	(void)state;
	pem_make("a", EC("a.example"));
	pem_make("b", RSA("b.example"));
	certificate_release(reads("a.pem", "a.key"));
	certificate = reads("b.pem", "b.key");
	assert_false(certificate_expired(certificate));
	assert_false(certificate_early(certificate));
	assert_ptr_equal(certificate_hold(certificate), certificate);
	certificate_release(certificate);
	certificate_release(certificate);
	certificate_release(NULL);
	pem_make("old", &(struct pem){ .kind = "EC", .name = "old", .expired = true });
	certificate = reads("old.pem", "old.key");
	assert_true(certificate_expired(certificate));
	assert_false(certificate_early(certificate));
	certificate_release(certificate);
}

static void bad_pairs_are_refused(void **state)
{
	(void)state;
	pem_make("a", EC("a.example"));
	pem_make("b", EC("b.example"));
	pem_make("r", RSA("r.example"));
	pem_make("locked", &(struct pem){ .kind = "EC", .name = "l", .passphrase = "hush" });
	refuses("absent.pem", "a.key", "absent.pem", "a PEM certificate");
	refuses("a.pem", "absent.key", "absent.key", "a PEM key");
	refuses("a.key", "a.key", "a.key", "a PEM certificate");
	refuses("a.pem", "a.pem", "a.pem", "a PEM key");
	refuses("a.pem", "b.key", "a.pem", pem_path("b.key"));
	refuses("a.pem", "r.key", "a.pem", pem_path("r.key"));
	refuses("locked.pem", "locked.key", "locked.key", "without a passphrase");
}

/* Nothing waits for one, whatever it is, and whoever put it there while the server runs. */
static void files_that_are_none_are_refused(void **state)
{
	(void)state;
	pem_make("a", EC("a.example"));
	assert_int_equal(mkfifo(pem_path("fifo"), 0600), 0);
	refuses("fifo", "a.key", "fifo", "it is a FIFO");
	refuses("a.pem", "fifo", "fifo", "it is a FIFO");
	refuses(".", "a.key", ".", "it is a folder");
	refuses("a.pem", "none", "none", "No such file");
	unlink(pem_path("fifo"));
}

static void broken_chains_are_refused(void **state)
{
	FILE *file;

	(void)state;
	pem_make("a", EC("a.example"));
	pem_make("b", EC("b.example"));
	append("a.pem", "b.pem");
	certificate_release(reads("a.pem", "a.key"));
	file = fopen(pem_path("a.pem"), "ab");
	assert_non_null(file);
	fputs("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", file);
	fclose(file);
	refuses("a.pem", "a.key", "a.pem", "a PEM certificate");
}

/* ---- handshakes ---- */

struct meeting {
	SSL_CTX *server_context, *client_context;
	SSL *server, *client;
	bool done;
};

static void meeting_open(struct meeting *meeting, SSL_CTX *server_context, int most_version)
{
	BIO *left, *right;

	*meeting = (struct meeting){ .server_context = server_context };
	meeting->client_context = SSL_CTX_new(TLS_client_method());
	assert_non_null(meeting->client_context);
	if (most_version) {
		SSL_CTX_set_min_proto_version(meeting->client_context, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(meeting->client_context, most_version);
		SSL_CTX_set_cipher_list(meeting->client_context, "ALL:@SECLEVEL=0");
	}
	meeting->server = SSL_new(server_context);
	meeting->client = SSL_new(meeting->client_context);
	assert_int_equal(BIO_new_bio_pair(&left, 0, &right, 0), 1);
	SSL_set_bio(meeting->server, left, left);
	SSL_set_bio(meeting->client, right, right);
	SSL_set_tlsext_host_name(meeting->client, "another.example");
	tls_watch(meeting->server, &meeting->done);
}

static bool meeting_shakes(struct meeting *meeting)
{
	for (int i = 0; i < 10; i++) {
		SSL_connect(meeting->client);
		SSL_accept(meeting->server);
	}
	return SSL_is_init_finished(meeting->client) && SSL_is_init_finished(meeting->server);
}

static void meeting_close(struct meeting *meeting)
{
	SSL_free(meeting->server);
	SSL_free(meeting->client);
	SSL_CTX_free(meeting->client_context);
}

/* What a client of up to that version is shown. */
static void shows(SSL_CTX *context, int most_version, const char *name, int chain)
{
	struct meeting meeting;
	char found[64] = "";
	X509 *leaf;

	meeting_open(&meeting, context, most_version);
	assert_false(meeting.done);
	assert_true(meeting_shakes(&meeting));
	assert_true(meeting.done);
	/* Who looks later sees it, too. */
	meeting.done = false;
	tls_watch(meeting.server, &meeting.done);
	assert_true(meeting.done);
	leaf = SSL_get1_peer_certificate(meeting.client);
	X509_NAME_get_text_by_NID(X509_get_subject_name(leaf), NID_commonName, found,
				  sizeof(found));
	assert_string_equal(found, name);
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(meeting.client)), chain);
	assert_int_equal(SSL_session_reused(meeting.client), 0);
	X509_free(leaf);
	meeting_close(&meeting);
}

static void handshakes_show_the_current_one(void **state)
{
	struct certificate *one, *two, *current;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	(void)state;
	pem_make("one", RSA("one"));
	pem_make("two", EC("two"));
	append("two.pem", "one.pem");
	one = reads("one.pem", "one.key");
	two = reads("two.pem", "two.key");
	current = one;
	assert_true(tls_prepare(context, &current));
	shows(context, 0, "one", 1);
	shows(context, TLS1_2_VERSION, "one", 1);
	/* Another kind of key: the old pair must not stay beside it. */
	current = two;
	shows(context, 0, "two", 2);
	shows(context, TLS1_2_VERSION, "two", 2);
	current = one;
	shows(context, 0, "one", 1);
	SSL_CTX_free(context);
	certificate_release(one);
	certificate_release(two);
}

static void a_handshake_goes_on_with_what_it_began(void **state)
{
	struct certificate *one, *current;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	struct meeting meeting;

	(void)state;
	pem_make("one", EC("one"));
	pem_make("two", EC("two"));
	current = one = reads("one.pem", "one.key");
	assert_true(tls_prepare(context, &current));
	meeting_open(&meeting, context, 0);
	SSL_connect(meeting.client);
	SSL_accept(meeting.server);
	current = reads("two.pem", "two.key");
	certificate_release(one);
	assert_true(meeting_shakes(&meeting));
	meeting_close(&meeting);
	shows(context, 0, "two", 1);
	SSL_CTX_free(context);
	certificate_release(current);
}

static void old_versions_are_refused(void **state)
{
	struct certificate *current;
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	struct meeting meeting;

	(void)state;
	pem_make("one", EC("one"));
	current = reads("one.pem", "one.key");
	assert_true(tls_prepare(context, &current));
	meeting_open(&meeting, context, TLS1_1_VERSION);
	assert_false(meeting_shakes(&meeting));
	assert_false(meeting.done);
	meeting_close(&meeting);
	SSL_CTX_free(context);
	certificate_release(current);
}

static void names_are_those_clients_look_at(void **state)
{
	char name[CERTIFICATE_NAME_MAX];
	struct certificate *one, *bare;

	(void)state;
	pem_make("named", (&(struct pem){ .kind = "EC",
					  .name = "subject.example",
					  .names = "DNS:*.wild.example,DNS:chat.example,"
						   "IP:127.0.0.1,DNS:other.example" }));
	pem_make("bare", EC("subject.example"));
	one = reads("named.pem", "named.key");
	bare = reads("bare.pem", "bare.key");
	assert_true(certificate_is_for(one, "chat.example"));
	assert_true(certificate_is_for(one, "Other.Example"));
	assert_true(certificate_is_for(one, "a.wild.example"));
	assert_true(certificate_is_for(one, "127.0.0.1"));
	assert_false(certificate_is_for(one, "127.0.0.2"));
	assert_false(certificate_is_for(one, "::1"));
	assert_false(certificate_is_for(one, "subject.example"));
	assert_true(certificate_name(one, name));
	assert_string_equal(name, "chat.example");
	assert_false(certificate_is_for(bare, "subject.example"));
	assert_false(certificate_name(bare, name));
	certificate_release(one);
	certificate_release(bare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_read),
		cmocka_unit_test(names_are_those_clients_look_at),
		cmocka_unit_test(bad_pairs_are_refused),
		cmocka_unit_test(files_that_are_none_are_refused),
		cmocka_unit_test(broken_chains_are_refused),
		cmocka_unit_test(handshakes_show_the_current_one),
		cmocka_unit_test(a_handshake_goes_on_with_what_it_began),
		cmocka_unit_test(old_versions_are_refused),
	};

	return cmocka_run_group_tests(tests, pem_folder_make, pem_folder_remove);
}
