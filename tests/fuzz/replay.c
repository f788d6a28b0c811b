/* Stands in for libFuzzer's main() in `make unit` and `make check`: gives each file of the corpus
 * to the driver that it is linked with. A driver ends the process when something is wrong.
 *
 *   fuzz_NAME             the files of tests/fuzz/corpus/NAME, from the top of the tree
 *   fuzz_NAME FILE...     these, which may be folders; so a find of the fuzzer is tried again */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CORPUS "tests/fuzz/corpus/"
#define PREFIX "fuzz_"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned replayed;

static void file_replay(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	/* As long as it is, so that the sanitizers see who looks beyond it. */
	uint8_t *data = malloc(size ? size : 1);

	if (!file || !data || fread(data, 1, size, file) != size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	/* A crash says nothing of its own: the last line tells which file it was. */
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	replayed++;
}

static void path_replay(const char *path)
{
	struct dirent **names;
	struct stat status;
	int count;

	if (stat(path, &status) != 0) {
		perror(path);
		exit(1);
	}
	if (!S_ISDIR(status.st_mode)) {
		file_replay(path, (size_t)status.st_size);
		return;
	}
	count = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char *below;

		if (names[i]->d_name[0] != '.' &&
		    asprintf(&below, "%s/%s", path, names[i]->d_name) > 0) {
			path_replay(below);
			free(below);
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/'), *name = slash ? slash + 1 : argv[0];
	char path[256];

	if (argc < 2) {
		snprintf(path, sizeof(path), CORPUS "%s",
			 strncmp(name, PREFIX, strlen(PREFIX)) == 0 ? name + strlen(PREFIX) : name);
		path_replay(path);
	}
	for (int i = 1; i < argc; i++)
		path_replay(argv[i]);
	printf("%u passed, 0 failed\n", replayed);
	return replayed ? 0 : 1;
}
