"""The page of the demo, and the operator's, in a real browser. Screenshots: build/screenshots/."""

import json
import os
import time

import npm
from admin import ADMIN, get, watched
from chromium import Browser
from server import Server, check, until

SCREENSHOTS = os.path.join("build", "screenshots")
PANES = ("mixer", "concord", "rooms", "simple")
WIDTHS = (360, 768, 1440)
TRIES = 3  # for what has to be quick: the machine may be busy
QUICK_MS = 1000

# Notes when a text is to be seen first in each pane.
WATCH = """(() => {
    window.seen = {};
    for (const pane of document.querySelectorAll(".pane"))
        new MutationObserver(() => {
            for (const line of pane.querySelectorAll(".talk .text"))
                window.seen[`${pane.id} ${line.textContent}`] ??= performance.now();
        }).observe(pane, { subtree: true, childList: true, characterData: true });
})()"""


def opened(browser, url):
    """Opens it, and waits until all four are connected."""
    browser.open(url)
    browser.until("document.querySelectorAll('.pane[data-state=connected]').length === 4", "four panes connect")
    browser.run(WATCH)


def write(browser, pane, text):
    """As a person does who has a keyboard: in the pane's field, and Enter."""
    browser.run(f"document.getElementById('{pane}-text').focus()")
    browser.type(text)
    browser.run("window.wrote = performance.now()")
    browser.press("Enter", 13, "\r")


def line(pane, what, kind=".talk li"):
    """An expression: a line of the pane that has the text."""
    return f"[...document.querySelectorAll('#{pane} {kind}')].find(one => one.textContent.includes({what!r}))"


def shows(browser, pane, what, kind=".talk li"):
    return browser.until(f"{line(pane, what, kind)}?.textContent", f"{pane} shows {what!r}")


def press(browser, pane, what, label):
    """A button of a line of the pane."""
    browser.until(f"""(() => {{
        const found = [...{line(pane, what)}?.querySelectorAll('button') ?? []].find(one => one.textContent === '{label}');
        found?.focus();
        return Boolean(found);
    }})()""", f"{pane} has a button {label!r} at {what!r}")
    browser.press("Enter", 13, "\r")


def silent(browser):
    check(not browser.said, f"on the console: {browser.said}")


# ---- what is done there ----

def all_are_heard(browser):
    """The slowest of all, in ms."""
    slowest = 0
    for pane in PANES:
        for attempt in range(TRIES):
            text = f"try {attempt} <b>from</b> {pane} \u00e4\u2713"
            write(browser, pane, text)
            for other in PANES:
                shows(browser, other, text, ".talk .text")
            took = browser.run(f"Math.max(...{list(PANES)}.map(pane => window.seen[`${{pane}} {text}`])) - window.wrote")
            if took < QUICK_MS:
                break
        check(took < QUICK_MS, f"what {pane} says takes {took:.0f} ms, again and again")
        slowest = max(slowest, took)
    check(not browser.run("document.querySelector('.talk .text b')"), "a text became a part of the page")
    return slowest


# As `dragoman explain` has it, for what a dialect is told otherwise.
REASONS = {"mixer": "mixer has no word for it: as a message of who did it",
           "rooms": "rooms has no word for it: as a sentence of the server",
           "simple": "simple has no word for it: as a sentence of the server"}


def marked_with_reasons(browser, what, panes):
    for pane in panes:
        found = shows(browser, pane, what)
        mark = browser.until(f"{line(pane, what)}.querySelector('.mark')?.textContent", f"{pane} marks {found!r}")
        check(mark == REASONS[pane], f"{pane} marks {found!r} with {mark!r}")


def deeds_are_shown(browser):
    """A reaction, an edit, a deletion, a poll: natively where that is possible, else marked, with the server's reason."""
    write(browser, "concord", "a word to react to")
    press(browser, "concord", "a word to react to", "\u2665")
    browser.until(f"Boolean({line('concord', 'a word to react to')}?.querySelector('.reactions'))", "the reaction in concord")
    marked_with_reasons(browser, "reacted \u2665", ("mixer", "rooms", "simple"))
    press(browser, "concord", "a word to react to", "edit")
    browser.run("document.activeElement.select()")
    write(browser, "concord", "another word")
    shows(browser, "concord", "another word", ".talk .text")
    shows(browser, "mixer", "* another word")
    shows(browser, "rooms", 'changed the message')
    marked_with_reasons(browser, "another word", ("mixer", "rooms", "simple"))
    press(browser, "concord", "another word", "delete")
    browser.until(f"{line('concord', 'another word')}.classList.contains('gone')", "concord shows that it is deleted")
    shows(browser, "simple", "deleted a message")


def losses_are_shown(browser):
    """What a dialect does not show at all is told where it is missing, and why: typing is not recorded, the
    dialect's own reason is."""
    shows(browser, "concord", "is typing")
    for pane in ("mixer", "rooms", "simple"):
        shows(browser, pane, f"lost here: {pane} has no typing", ".talk .lost")


def a_poll_is_held(browser):
    browser.run("document.querySelector('#mixer details').open = true; document.getElementById('poll-question').focus()")
    browser.type("Tea?")
    browser.press("Enter", 13, "\r")
    press(browser, "mixer", "asks: Tea?", "yes: 0")
    browser.until(f"{line('mixer', 'asks: Tea?')}?.textContent.includes('yes: 1')", "the vote counts")
    shows(browser, "simple", '"Tea?"')


def moderator_commands(browser):
    """From a pane of a dialect that has no word for them."""
    browser.run("document.getElementById('simple-moderator').click()")
    browser.until("document.getElementById('simple').dataset.state === 'connected' && !document.getElementById('simple-text').disabled"
                  " && document.getElementById('simple-moderator').checked", "dee is there as a moderator")
    write(browser, "simple", "/who")
    found = shows(browser, "simple", " here: ", ".talk .news")
    check(all(name in found for name in ("ann", "bob", "cy", "dee")), found)
    write(browser, "simple", "/mute cy")
    shows(browser, "rooms", "timed out")
    write(browser, "rooms", "am I heard?")
    shows(browser, "rooms", "refused: ")
    write(browser, "rooms", "/kick ann")
    shows(browser, "rooms", "refused: no_right")
    write(browser, "simple", "/kick bob")
    shows(browser, "concord", "closed: ")
    shows(browser, "mixer", '"bob" was kicked by "dee"')
    press(browser, "concord", "closed: ", "connect again")
    write(browser, "simple", "/kick cy")
    press(browser, "rooms", "you were kicked", "enter again")
    browser.until("document.querySelectorAll('.pane[data-state=connected]').length === 4", "who was kicked is there again")


def voices_are_heard(browser):
    """Before anybody has done anything; they end when somebody says something."""
    for pane in PANES:
        shows(browser, pane, "I speak mixer", ".talk .text")
    check(browser.run("document.getElementById('voices').ariaPressed") == "true", "the voices talk")
    write(browser, "simple", "be quiet")
    browser.until("document.getElementById('voices').ariaPressed === 'false'", "the voices are quiet")


def page_talks():
    """Four dialects on one page: said, done, lost, moderated."""
    with Server() as server, Browser() as browser:
        browser.screen(1440, 1300)
        began = time.monotonic()
        opened(browser, server.info["page"])
        check("owner" not in browser.run("location.href"), "the secret stays in the address")
        voices_are_heard(browser)
        print(f"    the page was opened, and a message seen in four dialects {time.monotonic() - began:.1f} s later")
        print(f"    what is typed is seen in all panes after {all_are_heard(browser):.0f} ms at most")
        deeds_are_shown(browser)
        losses_are_shown(browser)
        a_poll_is_held(browser)
        silent(browser)
        check(server.owner not in browser.run("document.body.innerText"), "the owner's secret is to be read on the page")
        moderator_commands(browser)
        opened(browser, server.info["page"].split("#")[0])
        names = browser.run("[...document.querySelectorAll('.person')].map(one => one.textContent).join()")
        check(names == "ann,bob,cy,dee", f"after the page is loaded again they are {names}")
        # The browser itself tells of a request that is refused, as /kick by somebody who may not.
        browser.said = [text for text in browser.said if "403 (Forbidden)" not in text]
        silent(browser)


def load_axe(browser):
    with open(os.path.join(npm.install(), "node_modules", "axe-core", "axe.min.js"), encoding="utf-8") as file:
        browser.run(file.read() + "\n;0")


def faults(browser):
    """What axe finds, in a line for each."""
    return browser.run("""axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(
        ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`)))""")


def page_looks():
    """Narrow and wide, light and dark: nobody is kept out, and nothing sticks out."""
    os.makedirs(SCREENSHOTS, exist_ok=True)
    with Server() as server, Browser() as browser:
        browser.screen(1440)
        opened(browser, server.info["page"])
        load_axe(browser)
        browser.run("document.querySelector('#mixer details').open = true")
        write(browser, "concord", "to be looked at")
        press(browser, "concord", "to be looked at", "\u2665")
        for pane in PANES[::3]:
            shows(browser, pane, "reacted")
        browser.until("document.querySelector('#operator tbody th') !== null", "the operator's view is drawn")
        for width in WIDTHS:
            for dark in (False, True):
                name = f"page-{width}-{'dark' if dark else 'light'}"
                browser.screen(width, dark=dark)
                found = faults(browser)
                check(not found, f"{name}: {found[:5]}")
                wide = browser.run("document.documentElement.scrollWidth")
                check(wide <= width, f"{name}: the page is {wide} px wide")
                browser.screenshot(os.path.join(SCREENSHOTS, f"{name}.png"))
        silent(browser)


def page_by_keyboard():
    """Everything is reached with Tab alone, and what has the focus is to be seen."""
    with Server() as server, Browser() as browser:
        browser.screen(768)
        opened(browser, server.info["page"])
        write(browser, "concord", "somebody speaks")
        shows(browser, "rooms", "somebody speaks")
        browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")
        reached, wanted = [], browser.run("""[...document.querySelectorAll("button, input, a, summary, [tabindex]")]
            .filter(one => one.checkVisibility() && !one.disabled).length""")
        for _ in range(wanted + 5):  # where it begins is where the focus was
            browser.press("Tab", 9)
            reached.append(browser.run("""(() => {
                const at = document.activeElement, { outlineStyle, outlineWidth } = getComputedStyle(at);
                return `${at.id || at.className || at.ariaLabel || at.tagName} ${outlineStyle !== "none" && parseFloat(outlineWidth) >= 2}`;
            })()"""))
        for name in ("voices", "log", "wire", *(f"{pane}-text" for pane in PANES), "mixer-moderator"):
            check(f"{name} true" in reached, f"{name} is not reached, or not seen to have the focus: {reached}")
        silent(browser)


# ---- the operator's page of a real server ----

def operator_page():
    """On an admin listener: behind its token."""
    token = 'kind = "admin"; port = 0; token_file = "token";'
    more = ('backends = ( { name = "judge"; bind = "ipc://judge.sock"; } ); upstreams = ( { name = "far"; dialect = "simple"; '
            'url = "http://127.0.0.1:9"; room = "lobby"; user = "relay"; mode = "relay"; } );')
    with Server(watched(token, ADMIN, more=more), files={"token": "let me see\n"}) as server, Browser() as browser:
        browser.screen(1440)
        browser.open(server.info["admin"][0]["url"] + "/")
        browser.until("document.querySelector('.state').textContent.includes('another token')", "it is told that a token is missing")
        browser.run("document.getElementById('token').focus()")
        browser.type("let me see")
        browser.press("Enter", 13, "\r")
        browser.until("document.querySelector('tbody th')?.textContent === 'lobby'", "the room is listed")
        check(not browser.run("document.documentElement.innerHTML.includes('another token')"), "it still wants a token")
        found = browser.run("[...document.querySelectorAll('tbody tr')].map(row => row.textContent).join('; ')")
        check("judgebackenddown" in found and "farsimplerelay" in found, f"no backend, or no upstream: {found}")
        before = browser.run("document.querySelector('.state').textContent")
        browser.until(f"document.querySelector('.state').textContent !== {before!r}", "it is drawn again and again")
        browser.said = [text for text in browser.said if "401 (Unauthorized)" not in text]
        load_axe(browser)
        for dark in (False, True):
            browser.screen(360, dark=dark)
            found = faults(browser)
            check(not found, f"{found[:5]}")
        silent(browser)
        browser.open(server.info["admin"][1]["url"] + "/")
        browser.until("document.querySelector('tbody th')?.textContent === 'lobby'", "the room is listed without a token")
        silent(browser)
        for number, headers, status in ((0, {}, 401), (0, {"Authorization": "Bearer let me se"}, 401),
                                        (0, {"Authorization": "Bearer let me see", "Host": "any.example"}, 200),
                                        (1, {}, 200), (1, {"Host": "any.example"}, 401)):
            for path in ("/operator.json", "/explain.json?id=5"):
                answer, text = get(server, path, number, **headers)
                check(answer.status == status, f"{path} {number} {headers}: {answer.status} {text}")
                check(answer.getheader("Access-Control-Allow-Origin") is None, "a page from elsewhere may read it")
        told = until(lambda: json.loads(get(server, "/explain.json?id=5", 1)[1]), "what is told of a message")
        check(told["error"] == "unknown_message", f"{told}")


SCENARIOS = (page_talks, page_looks, page_by_keyboard, operator_page)
