/* pem_folder.h - a folder for the certificates of one test program. Comes after <cmocka.h>. */
#ifndef TESTS_SUPPORT_PEM_FOLDER_H
#define TESTS_SUPPORT_PEM_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/pem.h"

static char pem_folder[] = P_tmpdir "/dragoman-test-XXXXXX";

/* A path in the folder; good until the fourth next call. */
static inline const char *pem_path(const char *name)
{
	static char paths[4][sizeof(pem_folder) + 256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", pem_folder, name);
	return path;
}

/* NAME.pem and NAME.key. */
static inline void pem_make(const char *name, const struct pem *pem)
{
	char certificate[64], key[64];

	snprintf(certificate, sizeof(certificate), "%s.pem", name);
	snprintf(key, sizeof(key), "%s.key", name);
	pem_write(pem, pem_path(certificate), pem_path(key));
}

/* For cmocka's groups. */
static inline int pem_folder_make(void **state)
{
	(void)state;
	return mkdtemp(pem_folder) ? 0 : -1;
}

static inline int pem_folder_remove(void **state)
{
	DIR *list = opendir(pem_folder);
	struct dirent *item;

	(void)state;
	while (list && (item = readdir(list)))
		unlink(pem_path(item->d_name));
	if (list)
		closedir(list);
	return rmdir(pem_folder);
}

#endif
