/* Who may come under which name: as many as try to pass for somebody as Unicode has characters for
 * it, and ordinary people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

#include "bridge/core/directory.h"
#include "codecs/text/name.h"
#include "tests/support/accounts.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define NAME_SIZE      256
#define POINTS_END     0x110000
#define ATTEMPTS_LEAST 2000
#define NAMES_LEAST    500
#define TWINS_MAX      256
#define MIXES          1000

static const struct id_key key = { "names-names-name" };

struct door {
	struct directory *directory;
	unsigned attempts, names;
};

static enum reason comes(struct door *door, const char *name, struct person *who)
{
	struct directory_login login = { .name = slice_of(name), .guests = true };
	bool guest;

	return directory_login(door->directory, &login, who, &guest);
}

/* ann is here, olga is an account, and there is the bridge. */
static const char *const targets[] = { "ann", "olga", "Dragoman" };

static void door_open(struct door *door)
{
	struct person ann;

	*door = (struct door){ .directory = directory_new(&key, NULL) };
	assert_true(add_account(door->directory, "olga", 7, "secret", 0));
	assert_int_equal(comes(door, "ann", &ann), REASON_NONE);
}

/* ---- those who try ---- */

static void refused(struct door *door, const char *name)
{
	struct person who;

	door->attempts++;
	if (comes(door, name, &who) == REASON_NONE)
		fail_msg("\"%s\" got in", name);
}

static const char *utf8_of(UChar32 point)
{
	static uint8_t text[5];
	uint32_t character = (uint32_t)point;
	size_t len = 0;

	U8_APPEND_UNSAFE(text, len, character);
	text[len] = 0;
	return (const char *)text;
}

/* The target with a text in place of count bytes at that place. */
static void put(char out[NAME_SIZE], const char *target, size_t at, size_t count, const char *text)
{
	snprintf(out, NAME_SIZE, "%.*s%s%s", (int)at, target, text, target + at + count);
}

static bool is_text(UChar32 point)
{
	return point < 0xd800 || point > 0xdfff;
}

static void what_nobody_sees_changes_nothing(void **state)
{
	struct door door;
	char name[NAME_SIZE];

	(void)state;
	door_open(&door);
	for (UChar32 point = 0; point < POINTS_END; point++) {
		if (!is_text(point) ||
		    !u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
			continue;
		for (size_t t = 0; t < COUNT(targets); t++) {
			put(name, targets[t], door.attempts % (strlen(targets[t]) + 1), 0,
			    utf8_of(point));
			refused(&door, name);
		}
	}
	refused(&door, "ann\xe2\x81\xa5");
	refused(&door, "Drag\xd0\xbeman");
	print_message("%u attempts\n", door.attempts);
	assert_true(door.attempts > ATTEMPTS_LEAST);
	directory_free(door.directory);
}

/* The looks of one character as ICU has them, of whichever case; "" where it has none. */
static void skeleton_of(UChar32 point, char out[NAME_SIZE])
{
	UErrorCode error = U_ZERO_ERROR;
	USpoofChecker *checker = uspoof_open(&error);
	const char *text = utf8_of(point);
	int32_t len = uspoof_getSkeletonUTF8(checker, 0, text, (int32_t)strlen(text), out,
					     NAME_SIZE - 1, &error);

	out[U_SUCCESS(error) && len > 0 ? len : 0] = '\0';
	uspoof_close(checker);
}

/* What a letter is when neither width, style nor case matter. */
static void folded_of(UChar32 point, char out[NAME_SIZE])
{
	const char *text = utf8_of(point);
	size_t len = name_fold(slice_of(text), out);

	out[len < NAME_SIZE ? len : 0] = '\0';
}

/* What stands for each letter of a target. */
struct twins {
	unsigned count;
	UChar32 points[TWINS_MAX];
};

/* Every other character that is, or looks like, the letter at that place, small or large. */
static void twins_try(struct door *door, const char *target, size_t at, struct twins *twins)
{
	char small[NAME_SIZE], large[NAME_SIZE], folded[NAME_SIZE], same[NAME_SIZE],
	    name[NAME_SIZE];

	twins->count = 0;
	skeleton_of(u_tolower(target[at]), small);
	skeleton_of(u_toupper(target[at]), large);
	folded_of(target[at], folded);
	for (UChar32 point = 0x21; point < POINTS_END; point++) {
		if (!is_text(point) || !u_isdefined(point))
			continue;
		skeleton_of(point, same);
		if (strcmp(same, small) != 0 && strcmp(same, large) != 0) {
			folded_of(point, same);
			if (strcmp(same, folded) != 0)
				continue;
		}
		put(name, target, at, 1, utf8_of(point));
		refused(door, name);
		assert_true(twins->count < TWINS_MAX);
		twins->points[twins->count++] = point;
	}
}

/* All letters at once are others' twins. */
static void twins_mix(struct door *door, size_t letters, const struct twins *twins)
{
	for (unsigned n = 0; n < MIXES; n++) {
		char name[NAME_SIZE] = "";

		for (size_t at = 0; at < letters; at++) {
			UChar32 point = twins[at].points[(n * 7919 + n / 3 * at) % twins[at].count];

			strcat(name, utf8_of(point));
		}
		refused(door, name);
	}
}

static void whoever_looks_alike_stays_outside(void **state)
{
	static struct twins twins[8];
	struct door door;

	(void)state;
	door_open(&door);
	for (size_t t = 0; t < COUNT(targets); t++) {
		size_t letters = strlen(targets[t]);

		for (size_t at = 0; at < letters; at++)
			twins_try(&door, targets[t], at, &twins[at]);
		twins_mix(&door, letters, twins);
	}
	refused(&door, "\xd0\xb0\xd5\xb8\xd5\xb8"); /* Cyrillic, Armenian */
	refused(&door, "\xce\x91\xce\x9d\xce\x9d"); /* Greek capitals */
	refused(&door, "0\xd0\x86g\xd0\xb0");       /* zero, Cyrillic I and a */
	refused(&door, "Dragornan");
	refused(&door, "DRAG\xce\x9fM\xd0\x90N");
	refused(&door, "\xef\xbc\xa1\xef\xbc\xae\xef\xbc\xae"); /* wide */
	print_message("%u attempts\n", door.attempts);
	assert_true(door.attempts > ATTEMPTS_LEAST);
	directory_free(door.directory);
}

/* Is a letter with that mark a letter of its own? */
static bool composes(char letter, UChar32 mark)
{
	UErrorCode error = U_ZERO_ERROR;
	const UNormalizer2 *nfc = unorm2_getNFCInstance(&error);
	UChar units[8], composed[8];
	int32_t len = 0;

	units[len++] = (UChar)letter;
	if (mark >= 0x10000) {
		units[len++] = U16_LEAD(mark);
		units[len++] = U16_TRAIL(mark);
	} else {
		units[len++] = (UChar)mark;
	}
	len = unorm2_normalize(nfc, units, len, composed, 8, &error);
	return U_SUCCESS(error) && composed[0] != letter;
}

static void marks_that_make_no_letter_change_nothing(void **state)
{
	struct door door;
	char name[NAME_SIZE];
	struct person who;

	(void)state;
	door_open(&door);
	for (UChar32 point = 0; point < POINTS_END; point++) {
		if (!(U_GET_GC_MASK(point) & (U_GC_MN_MASK | U_GC_ME_MASK)))
			continue;
		for (size_t t = 0; t < COUNT(targets); t++) {
			size_t at = door.attempts % strlen(targets[t]);

			if (composes(targets[t][at], point))
				continue;
			put(name, targets[t], at + 1, 0, utf8_of(point));
			refused(&door, name);
		}
	}
	assert_true(door.attempts > ATTEMPTS_LEAST);
	/* But these are others. */
	assert_int_equal(comes(&door, "\xc3\xa4nn", &who), REASON_NONE);
	assert_int_equal(comes(&door, "\xc3\xb3lga", &who), REASON_NONE);
	directory_free(door.directory);
}

static void quotes_and_blanks_change_nothing(void **state)
{
	struct door door;
	char name[NAME_SIZE], text[8];

	(void)state;
	door_open(&door);
	for (UChar32 point = 1; point < POINTS_END; point++) {
		bool odd = u_isUWhiteSpace(point) || text_is_quote(point);

		for (size_t t = 0; odd && t < COUNT(targets); t++) {
			snprintf(text, sizeof(text), "%s", utf8_of(point));
			snprintf(name, sizeof(name), "%s%s%s", text, targets[t], text);
			refused(&door, name);
		}
	}
	directory_free(door.directory);
}

static void nobody_speaks_as_the_bridge(void **state)
{
	static const char *const names[] = {
		"the server",
		"Server",
		"SERVER_",
		"s\xd0\xb5rver",
		"the-server",
		"Dragoman bot",
		"dr\xd0\xb0goman2",
		"somebody",
		"ann was banned by olga",
		"ann w\xd0\xb0s banned",
		"olga is now mod",
		"ann entered",
		"bob left",
		"a message was removed",
		"bob was timed out for 30s",
		"\"ann\" was banned by \"olga\"",
		"ann\nbob left",
	};
	struct door door;

	(void)state;
	door_open(&door);
	for (size_t i = 0; i < COUNT(names); i++)
		refused(&door, names[i]);
	directory_free(door.directory);
}

static void what_nobody_has_assigned_is_no_name(void **state)
{
	struct door door;
	char name[NAME_SIZE];

	(void)state;
	door_open(&door);
	for (UChar32 point = 0; point < POINTS_END; point++) {
		if (u_charType(point) != U_UNASSIGNED || U_IS_UNICODE_NONCHAR(point) ||
		    u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
		    (point > 0x20000 && point % 257))
			continue;
		snprintf(name, sizeof(name), "%s bob", utf8_of(point));
		refused(&door, name);
	}
	directory_free(door.directory);
}

/* ---- those who just come ---- */

/* Every first name with every second one: all of them at once. */
static const struct folk {
	const char *language, *first[6], *second[6];
} table[] = {
	{ "English",
	  { "Mary", "Robert", "Ian", "Will", "Sinead", NULL },
	  { "O'Brien", "Smith-Jones", "McAllister", "Lee", "Illingworth", NULL } },
	{ "German",
	  { "Jürgen", "Käthe", "Björn", "Jörg", "Ulrike", NULL },
	  { "Müller", "Weiß", "von der Heide", "Groß", "Schröder", NULL } },
	{ "French",
	  { "Zoé", "François", "Jean-Loïc", "Gaëlle", "Hélène", NULL },
	  { "d'Arc", "Lefèvre", "de la Tour", "Dupont", "Ménard", NULL } },
	{ "Polish",
	  { "Łukasz", "Małgorzata", "Paweł", "Zofia", "Święta", NULL },
	  { "Wójcik", "Kowalski", "Dąbrowska", "Źrebiec", "Nowak", NULL } },
	{ "Turkish",
	  { "İpek", "Işıl", "Çağla", "Oğuz", "Ümit", NULL },
	  { "Yılmaz", "Şahin", "Öztürk", "Kılıç", "Doğan", NULL } },
	{ "Vietnamese",
	  { "Nguyễn", "Trần", "Phạm", "Đặng", "Hoàng", NULL },
	  { "Văn An", "Thị Hoa", "Minh Đức", "Quốc Bảo", "Ngọc Ánh", NULL } },
	{ "Icelandic",
	  { "Þóra", "Guðrún", "Ægir", "Sigríður", "Hörður", NULL },
	  { "Jónsdóttir", "Þórsson", "Björk", "Ásgeirsson", "Öldudóttir", NULL } },
	{ "Russian",
	  { "Анна", "Ольга", "Пётр", "Сергей", "Юлия", NULL },
	  { "Иванова", "Смирнов", "Щербаков", "Чехов", "Ёлкина", NULL } },
	{ "Ukrainian",
	  { "Їжак", "Олена", "Андрій", "Ґалина", "Євген", NULL },
	  { "Шевченко", "Ковальчук", "Лисенко", "Гриценко", "Мельник", NULL } },
	{ "Serbian",
	  { "Љубица", "Ђорђе", "Ненад", "Милош", "Јована", NULL },
	  { "Петровић", "Њежић", "Ћирић", "Џаковић", "Јовановић", NULL } },
	{ "Greek",
	  { "Άννα", "Γιώργος", "Ελένη", "Νίκος", "Σοφία", NULL },
	  { "Παπαδόπουλος", "Ξενάκης", "Θεοδωράκη", "Ψαρράς", "Ωνάσης", NULL } },
	{ "Armenian",
	  { "Աննա", "Հայկ", "Արմեն", "Գոհար", "Նարե", NULL },
	  { "Սարգսյան", "Պետրոսյան", "Խաչատրյան", "Հակոբյան", "Գրիգորյան", NULL } },
	{ "Georgian",
	  { "ანა", "გიორგი", "ნინო", "დავით", "თამარ", NULL },
	  { "ბერიძე", "მაისურაძე", "კაპანაძე", "გელაშვილი", "ლომიძე", NULL } },
	{ "Hebrew",
	  { "אנה", "יעקב", "שרה", "דוד", "מרים", NULL },
	  { "כהן", "לוי", "ביטון", "מזרחי", "פרץ", NULL } },
	{ "Arabic",
	  { "محمد", "فاطمة", "أحمد", "ليلى", "مُنى", NULL },
	  { "العلي", "حسن", "الخوري", "منصور", "يوسف", NULL } },
	/* With the non-joiner that Persian is written with. */
	{ "Persian",
	  { "علی‌رضا", "گل‌نار", "ژاله", "پری‌چهر", "چنگیز", NULL },
	  { "کریمی", "حسینی‌نژاد", "پارسا", "گلستانی", "رضایی", NULL } },
	{ "Hindi",
	  { "अनिता", "राजेश", "सुनील", "प्रिया", "लक्ष्मी", NULL },
	  { "शर्मा", "गुप्ता", "सिंह", "मिश्र", "क्‌षत्रिय", NULL } },
	{ "Bengali",
	  { "অনিতা", "রবীন্দ্রনাথ", "সুমন", "মিতা", "শঙ্কর", NULL },
	  { "ঠাকুর", "সেন", "দাস", "ঘোষ", "রায়", NULL } },
	{ "Tamil",
	  { "அனிதா", "குமார்", "லட்சுமி", "ரவி", "கமலா", NULL },
	  { "ராஜன்", "முருகன்", "சுந்தரம்", "நாயர்", "பிள்ளை", NULL } },
	/* With joiners behind the sign that takes a vowel away. */
	{ "Sinhala",
	  { "ශ්‍රී", "චන්ද්‍රිකා", "නිමල්", "කුමාරි", "සුනිල්", NULL },
	  { "ප්‍රේමදාස", "සිල්වා", "පෙරේරා", "බණ්ඩාර", "ද සොයිසා", NULL } },
	{ "Thai",
	  { "สมชาย", "สุดา", "อนันต์", "มาลี", "วิชัย", NULL },
	  { "ใจดี", "แก้วมณี", "ทองคำ", "ศรีสุข", "บุญมี", NULL } },
	{ "Amharic",
	  { "አበበ", "ሐና", "ሙሉጌታ", "ሰላም", "ተስፋዬ", NULL },
	  { "ቢቂላ", "ኃይሉ", "በቀለ", "ገብረ", "ወርቁ", NULL } },
	{ "Chinese",
	  { "王", "李", "张", "陳", "歐陽", NULL },
	  { "小明", "芳", "建国", "美玲", "志強", NULL } },
	{ "Japanese",
	  { "さくら", "タロウ", "健太", "由美子", "ヨーコ", NULL },
	  { "山田", "佐々木", "鈴木", "たなか", "ワタナベ", NULL } },
	{ "Korean",
	  { "김", "이", "박", "최", "정", NULL },
	  { "민수", "영희", "지훈", "서연", "하늘", NULL } },
};

static const char *const nicks[] = {
	"xX_dark_Xx", "user12345", "anne",   "anna", "olga2", "bob",        "b.o.b",
	"will",       "left",      "banned", "😀",    "cat 🐈", "D'Artagnan", "rock'n'roll",
	"C3PO",       "r2d2",      "[away]", "<b>",  "a",     "ü",          "ñ",
};

/* Everybody gets in, and is shown as they write themselves. */
static void let_in(struct door *door, const char *name)
{
	struct person who;
	enum reason reason = comes(door, name, &who);

	if (reason != REASON_NONE)
		fail_msg("\"%s\" is refused: %s", name, reason_code(reason));
	if (!slice_is(who.name, name))
		fail_msg("\"%s\" is shown as \"%.*s\"", name, (int)who.name.len, who.name.data);
	door->names++;
}

static void ordinary_people_get_in(void **state)
{
	struct door door;
	char name[NAME_SIZE];

	(void)state;
	door_open(&door);
	for (size_t i = 0; i < COUNT(table); i++)
		for (size_t f = 0; table[i].first[f]; f++)
			for (size_t s = 0; table[i].second[s]; s++) {
				snprintf(name, sizeof(name), "%s %s", table[i].first[f],
					 table[i].second[s]);
				let_in(&door, name);
			}
	for (size_t i = 0; i < COUNT(nicks); i++)
		let_in(&door, nicks[i]);
	assert_true(door.names > NAMES_LEAST);
	directory_free(door.directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_sees_changes_nothing),
		cmocka_unit_test(whoever_looks_alike_stays_outside),
		cmocka_unit_test(marks_that_make_no_letter_change_nothing),
		cmocka_unit_test(quotes_and_blanks_change_nothing),
		cmocka_unit_test(nobody_speaks_as_the_bridge),
		cmocka_unit_test(what_nobody_has_assigned_is_no_name),
		cmocka_unit_test(ordinary_people_get_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
