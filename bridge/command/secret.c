#include "bridge/command/secret.h"

#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "codecs/text/slice.h"

#define SECRET_BYTES_MAX 8000 /* of a secret in a file, too */

struct secret {
	char bytes[SECRET_BYTES_MAX + 3]; /* with a line end, and one too many */
	size_t len;
};

static bool complain(FILE *errors, const char *what)
{
	fprintf(errors, "dragoman: %s\n", what);
	return false;
}

/* Reads to the end, or of a terminal one line. False when that is interrupted. */
static bool read_bytes(struct secret *secret, bool line)
{
	secret->len = 0;
	while (secret->len < sizeof(secret->bytes) &&
	       !(line && secret->len > 0 && secret->bytes[secret->len - 1] == '\n')) {
		ssize_t got = read(STDIN_FILENO, secret->bytes + secret->len,
				   sizeof(secret->bytes) - secret->len);

		if (got < 0)
			return false;
		if (got == 0)
			break;
		secret->len += (size_t)got;
	}
	return true;
}

/* Takes the line end away. What cannot stand in the first line of a secret file is no secret. */
static bool check_secret(struct secret *secret, FILE *errors)
{
	const char *end = memchr(secret->bytes, '\n', secret->len);

	if (end && (size_t)(end - secret->bytes) + 1 < secret->len)
		return complain(errors, "the secret has more than one line");
	if (end)
		secret->len--;
	if (end && secret->len > 0 && secret->bytes[secret->len - 1] == '\r')
		secret->len--;
	if (secret->len > SECRET_BYTES_MAX)
		return complain(errors, "the secret is longer than 8000 bytes");
	if (memchr(secret->bytes, '\0', secret->len) || memchr(secret->bytes, '\r', secret->len))
		return complain(errors, "the secret has a NUL byte or a carriage return");
	return true;
}

/* ---- a terminal ---- */

static volatile sig_atomic_t signal_caught;

static void catch_signal(int number)
{
	signal_caught = number;
}

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* Without echo, even for a moment, and with it again whatever happens. */
static bool read_hidden(struct secret *secret)
{
	struct sigaction before[SIGNALS], action = { .sa_handler = catch_signal };
	struct termios shown, hidden;
	bool read;

	if (tcgetattr(STDIN_FILENO, &shown) < 0)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &action, &before[i]);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	read = !signal_caught && read_bytes(secret, true);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	if (signal_caught)
		raise(signal_caught);
	return read;
}

static bool ask(const char *prompt, struct secret *secret, FILE *errors)
{
	bool read;

	fputs(prompt, errors);
	fflush(errors);
	read = read_hidden(secret);
	fputc('\n', errors);
	if (!read)
		return complain(errors, "the secret cannot be read");
	return check_secret(secret, errors);
}

static bool is_there(const struct secret *secret, FILE *errors)
{
	return secret->len > 0 || complain(errors, "the secret is empty");
}

static bool ask_twice(struct secret *secret, FILE *errors)
{
	struct secret again;
	bool agree;

	if (!ask("Secret: ", secret, errors) || !is_there(secret, errors) ||
	    !ask("Again: ", &again, errors))
		return false;
	agree = secret->len == again.len && memcmp(secret->bytes, again.bytes, again.len) == 0;
	explicit_bzero(&again, sizeof(again));
	return agree || complain(errors, "these are two different secrets");
}

static bool read_line(struct secret *secret, FILE *errors)
{
	if (!read_bytes(secret, false))
		return complain(errors, "the secret cannot be read");
	return check_secret(secret, errors);
}

static bool secret_read(struct secret *secret, FILE *errors)
{
	if (isatty(STDIN_FILENO))
		return ask_twice(secret, errors);
	return read_line(secret, errors) && is_there(secret, errors);
}

bool secret_plain(char out[SECRET_PLAIN_MAX], FILE *errors)
{
	struct secret secret;
	bool read =
	    isatty(STDIN_FILENO) ? ask("Secret: ", &secret, errors) : read_line(&secret, errors);

	if (read) {
		memcpy(out, secret.bytes, secret.len);
		out[secret.len] = '\0';
	}
	explicit_bzero(&secret, sizeof(secret));
	return read;
}

bool secret_hash(unsigned mib, unsigned passes, char hash[PASSWORD_HASH_BYTES], FILE *errors)
{
	struct secret secret;
	bool made;

	if (!password_begin())
		return complain(errors, "libsodium cannot be used");
	made = secret_read(&secret, errors);
	if (made && !password_hash(slice_span(secret.bytes, secret.len), mib, passes, hash))
		made = complain(errors, "not enough memory for the hash");
	explicit_bzero(&secret, sizeof(secret));
	return made;
}
