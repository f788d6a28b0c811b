#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "conf/read/file.h"
#include "tests/conf/told.h"

/* Loads the file of that name. $ in expected stands for the folder. */
static void loads(const char *name, const char *expected)
{
	char *wanted = with_folder(expected);
	struct told told;
	struct conf *conf = told_load(&told, in_folder(name));

	assert_string_equal(told.text, wanted);
	assert_int_equal(conf == NULL, told.report.errors > 0);
	conf_free(conf);
	free(wanted);
}

static void write_bytes(const char *name, const char *bytes, size_t len)
{
	FILE *file = fopen(in_folder(name), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

/* An included file, and the same as the file itself. */
static void refused_file(const char *name, const char *why)
{
	char text[512], path[512], expected[1024];

	snprintf(path, sizeof(path), "%s%s", *name == '/' ? "" : "$/", name);
	snprintf(text, sizeof(text), "workers = 99;\n\t@include \"%s\"\n", name);
	write_file("main.cfg", text, 0644);
	snprintf(expected, sizeof(expected),
		 "$/main.cfg:1: workers is 99, out of range (0 .. 16)\n"
		 "$/main.cfg:2: cannot include %s: %s\n",
		 path, why);
	loads("main.cfg", expected);
	snprintf(expected, sizeof(expected), "%s:1: cannot read this file: %s\n", path, why);
	if (*name != '/')
		loads(name, expected);
}

static void not_regular(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(mkdir(in_folder("d"), 0700), 0);
	assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
	assert_true(strlen(folder) + 8 < sizeof(address.sun_path));
	memcpy(address.sun_path, in_folder("socket"), strlen(folder) + 8);
	assert_int_equal(bind(descriptor, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(symlink("round", in_folder("round")), 0);
	refused_file("d", "it is a folder");
	refused_file("fifo", "it is a FIFO, not a regular file");
	refused_file("socket", "it is a socket, not a regular file");
	refused_file("/dev/zero", "it is a device, not a regular file");
	refused_file("/dev/tty", "it is a device, not a regular file");
	refused_file("/proc/version", "it is a file of the kernel, not a regular file");
	refused_file("/proc/self/mem", "Input/output error");
	refused_file("round", "Too many levels of symbolic links");
	refused_file("none", "No such file or directory");
	refused_file("good/none", "Not a directory");
	close(descriptor);
	rmdir(in_folder("d"));
}

#define MEDDLED_READS 20000

static atomic_bool meddling;

/* Empties a file and writes to it, over and over. */
static void *meddle(void *path)
{
	while (atomic_load(&meddling)) {
		int descriptor = open(path, O_WRONLY | O_TRUNC);

		if (descriptor < 0 || write(descriptor, "#", 1) != 1)
			abort();
		close(descriptor);
	}
	return NULL;
}

/* The system's own files say that they are empty, too: they are not told by that alone. */
static void empty_while_written(void **state)
{
	static const char changed[] = "it changed while it was read: is it being written?";
	char *path = strdup(in_folder("meddled.cfg"));
	const char *told = changed;
	pthread_t thread;

	(void)state;
	write_file("meddled.cfg", "", 0644);
	atomic_store(&meddling, true);
	assert_int_equal(pthread_create(&thread, NULL, meddle, path), 0);
	for (int i = 0; i < MEDDLED_READS && strcmp(told, changed) == 0; i++) {
		const char *why;
		size_t size;
		char *text = file_read(path, 16, &size, NULL, &why);

		told = text ? told : why;
		free(text);
	}
	atomic_store(&meddling, false);
	pthread_join(thread, NULL);
	assert_string_equal(told, changed);
	free(path);
}

static void patterns(void **state)
{
	(void)state;
	write_file("p.cfg", "@include \"conf.d/*.cfg\"\n", 0644);
	loads("p.cfg", "$/p.cfg:1: cannot include $/conf.d/*.cfg: no file has this name, and "
		       "patterns are not expanded: include each file\n");
}

static void too_large(void **state)
{
	char five[256] = "";

	(void)state;
	write_file("large.cfg", "#", 0644);
	assert_int_equal(truncate(in_folder("large.cfg"), 100 * 1024 * 1024), 0);
	refused_file("large.cfg", "it is too large");
	assert_int_equal(truncate(in_folder("large.cfg"), 0), 0);
	/* In all. */
	for (unsigned i = 0; i < 5; i++) {
		FILE *file = fopen(in_folder("part.cfg"), "wb");

		assert_non_null(file);
		for (unsigned n = 0; n < 4 * 1024 * 1024; n++)
			fputc(n % 100 ? '#' : '\n', file);
		fclose(file);
		strcat(five, "@include \"part.cfg\"\n");
	}
	write_file("five.cfg", five, 0644);
	loads("five.cfg",
	      "$/five.cfg:4: cannot include $/part.cfg: all files together are too large\n"
	      "$/five.cfg:5: cannot include $/part.cfg: all files together are too large\n");
}

static void circles(void **state)
{
	char *self;

	(void)state;
	write_file("self.cfg", "\n@include \"self.cfg\"\nworkers = 99;", 0644);
	loads("self.cfg",
	      "$/self.cfg:2: cannot include $/self.cfg: it includes itself, or what includes it\n"
	      "$/self.cfg:3: workers is 99, out of range (0 .. 16)\n");
	/* By whatever name. */
	self = with_folder("$/self.cfg");
	assert_int_equal(link(self, in_folder("link.cfg")), 0);
	free(self);
	write_file("self.cfg", "@include \"link.cfg\"\n", 0644);
	loads("self.cfg",
	      "$/self.cfg:1: cannot include $/link.cfg: it includes itself, or what includes it\n");
	write_file("a.cfg", "@include \"b.cfg\"\n", 0644);
	write_file("b.cfg", "\n\n@include \"./a.cfg\"\n", 0644);
	loads("a.cfg",
	      "$/b.cfg:3: cannot include $/./a.cfg: it includes itself, or what includes it\n");
	/* The same twice, one after the other, is none. */
	write_file("twice.cfg", "@include \"empty.cfg\"\n@include \"empty.cfg\"\n", 0644);
	write_file("empty.cfg", "", 0644);
	loads("twice.cfg", "");
}

static void chains(void **state)
{
	char name[32], text[64];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "c%u.cfg", i);
		snprintf(text, sizeof(text), "# %u\n@include \"c%u.cfg\"\n", i, i + 1);
		write_file(name, text, 0644);
	}
	write_file("c10.cfg", "workers = 3;", 0644);
	loads("c0.cfg", "");
	write_file("c10.cfg", "@include \"c11.cfg\"", 0644);
	loads("c0.cfg",
	      "$/c10.cfg:1: cannot include $/c11.cfg: files are included more than ten deep\n");
}

static void many_files(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	assert_non_null(stream);
	for (unsigned i = 0; i < 257; i++)
		fputs("@include \"empty.cfg\"\n", stream);
	fclose(stream);
	write_file("empty.cfg", "", 0644);
	write_file("many.cfg", text, 0644);
	loads("many.cfg",
	      "$/many.cfg:256: cannot include $/empty.cfg: there are more than 256 "
	      "files\n$/many.cfg:257: cannot include $/empty.cfg: there are more than 256 files\n");
	free(text);
}

/* What programs write that do not write UTF-8. */
static void not_text(void **state)
{
	(void)state;
	write_bytes("nul.cfg", "workers = 1;\n\n\0x", 16);
	loads("nul.cfg", "$/nul.cfg:3: this is not a text file: it contains a NUL byte\n");
	write_bytes("wide.cfg", "\xff\xfew\0o\0", 6);
	loads("wide.cfg", "$/wide.cfg:1: this file is UTF-16: save it as UTF-8\n");
	write_file("main.cfg", "guests = 1;\n@include \"nul.cfg\"\n", 0644);
	loads("main.cfg", "$/main.cfg:1: guests must be true or false, not a number\n$/nul.cfg:3: "
			  "this is not a text file: it contains a NUL byte\n");
	write_file("mark.cfg", "\xef\xbb\xbfworkers = 1;\nguests = 1;\n", 0644);
	loads("mark.cfg",
	      "$/mark.cfg:1: this file begins with an invisible byte order mark: save it as UTF-8 "
	      "without one\n$/mark.cfg:2: guests must be true or false, not a number\n");
}

/* How @include is written. */
static void wrong_includes(void **state)
{
	(void)state;
	write_file("w.cfg",
		   "@include empty.cfg\n@includes \"x\"\nworkers = 1; @include \"empty.cfg\"\n"
		   "@include \"empty.cfg\n# @include \"none.cfg\"\n/*\n@include \"none.cfg\"\n*/\n",
		   0644);
	loads("w.cfg",
	      "$/w.cfg:1: @include needs a file name in quotes: @include \"FILE\"\n$/w.cfg:2: only "
	      "@include \"FILE\" may begin with '@'\n$/w.cfg:3: @include must be at the beginning "
	      "of a line\n$/w.cfg:4: @include needs a file name in quotes: @include \"FILE\"\n");
}

/* Anywhere between values, with or without a line's end, and what is behind it in its line. */
static void parts(void **state)
{
	struct told told;
	struct conf *conf;

	(void)state;
	write_file("parts.cfg",
		   "accounts = (\n@include \"one.cfg\"\n,\n  @include \"two.cfg\" # here\n);\n"
		   "rooms = ( { name = \"r\"; admins = [ \"ann\", \"bob\" ];\n"
		   "@include \"open.cfg\"\n} );",
		   0644);
	write_file("one.cfg", "{ name = \"ann\"; number = 1; secret_file = \"good\" }", 0644);
	write_file("two.cfg", "{ name = \"bob\"; number = 2; secret_file = \"good\"; }\n", 0644);
	write_file("open.cfg", "open = false", 0644);
	conf = told_load(&told, in_folder("parts.cfg"));
	assert_string_equal(told.text, "");
	assert_int_equal(conf->account_count, 2);
	assert_string_equal(conf->accounts[1].name, "bob");
	assert_false(conf->rooms[0].open);
	conf_free(conf);
	/* Who may stand in a file that is missing is not said to be unknown, others are. */
	unlink(in_folder("two.cfg"));
	write_file("open.cfg", "open = 5", 0644);
	loads("parts.cfg", "$/parts.cfg:4: cannot include $/two.cfg: No such file or directory\n"
			   "$/open.cfg:1: open must be true or false, not a number\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_regular),    cmocka_unit_test(empty_while_written),
		cmocka_unit_test(patterns),       cmocka_unit_test(too_large),
		cmocka_unit_test(circles),        cmocka_unit_test(chains),
		cmocka_unit_test(many_files),     cmocka_unit_test(not_text),
		cmocka_unit_test(wrong_includes), cmocka_unit_test(parts),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
