"""The page of a listener (page = true), in a real browser: its tabs speak different dialects, and hear each
other."""

import os

from server import Failure, Server, check, configuration
from webdriver import Browser

PEOPLE = {"rooms": "cy", "mixer": "ann", "concord": "bob"}  # dialect -> name
FOLDER = os.environ.get("SCREENSHOTS")                      # where to leave one of each tab


def enter(browser, url, dialect, name):
    browser.open(url)
    browser.click(f'#dialect option[value="{dialect}"]')
    browser.type("#name", name)
    browser.click("#enter button")
    entered(browser)


def entered(browser):
    browser.until("return !document.getElementById('say').hidden", "it did not enter")


def say(browser, text):
    browser.type("#text", text)
    browser.click("#say button")


def hears(browser, text, who=""):
    line = browser.until("return [...document.querySelectorAll('.message')].map(line => line.textContent)"
                         f".find(line => line.endsWith({text!r}))", f"{text!r} is not there")
    check(line.startswith(who), f"{line!r} of {who}")


def people_talk(browser, url):
    """A tab of each dialect; all are heard in all."""
    tabs = dict(zip(PEOPLE, browser.tabs(len(PEOPLE))))
    for dialect, tab in tabs.items():
        browser.switch(tab)
        enter(browser, url, dialect, PEOPLE[dialect])
    texts = {dialect: f"<b>{dialect}</b> says \u00e4\u2713" for dialect in tabs}
    for dialect, tab in tabs.items():
        browser.switch(tab)
        say(browser, texts[dialect])
    for tab in tabs.values():
        browser.switch(tab)
        for dialect, text in texts.items():
            hears(browser, text, f"{PEOPLE[dialect]}: " if tab == tabs["mixer"] else "")
        check(browser.run("return !document.querySelector('#log b')"), "a text became a part of the page")
    return tabs


def whom_rooms_shows(browser, tab):
    """Three people are three, although they are only named by digits."""
    browser.switch(tab)
    found = browser.run("return [...document.querySelectorAll('.message')].map(line => line.textContent.split(':')[0])")
    check(len(set(found)) == len(PEOPLE), f"the people of rooms are {found}")


def again(browser, tab, other):
    """Whoever enters once more is the only one who is heard of; a taken name is told."""
    browser.switch(tab)
    browser.click("#enter button")
    entered(browser)
    say(browser, "once more")
    hears(browser, "once more")
    browser.switch(other)
    hears(browser, "once more")
    browser.run("document.getElementById('name').value = 'cy'")
    browser.click("#enter button")
    browser.until("return document.getElementById('log').lastChild.textContent.startsWith('refused: ')",
                  "a taken name is not told")
    check(browser.run("return document.getElementById('say').hidden"), "it may say something")


def the_page(server):
    """Returns what is to be told of it."""
    url = f"http://127.0.0.1:{server.port}/"
    with Browser() as browser:
        tabs = people_talk(browser, url)
        whom_rooms_shows(browser, tabs["rooms"])
        for dialect, tab in tabs.items():
            browser.switch(tab)
            if FOLDER:
                browser.screenshot(os.path.join(FOLDER, f"{dialect}.png"))
            said = browser.console()
            check(not said, f"on the console of {dialect}: {said}")
        again(browser, tabs["rooms"], tabs["concord"])
        # The browser itself tells of a refused handshake; nobody else says anything.
        said = [line for line in browser.console() if "WebSocket connection to" not in line]
        check(not said, f"at last, on the console: {said}")


def play():
    """"", or why it failed."""
    try:
        with Server(configuration(listener="page = true;")) as server:
            the_page(server)
    except (Failure, OSError) as failure:
        return str(failure)
    return ""
