/* page.h - pages that are made of tables of the program, wholly or from one mark to another. Their
 * tests are run from the top of the tree. */
#ifndef TESTS_SUPPORT_PAGE_H
#define TESTS_SUPPORT_PAGE_H

/* All of it, terminated. Returns new; fails the test when it cannot be read. */
char *page_read(const char *path);

/* The file has this text between two marks, each of which is there; NULL: from its beginning, to
 * its end. Else the test fails; but with UPDATE in the environment the text is written there. */
void page_has(const char *path, const char *from, const char *to, const char *text);

#endif
