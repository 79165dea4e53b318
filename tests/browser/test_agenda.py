"""An advisor's agenda in a real browser: what is when, their hours, absences, and the feed."""

import re

import pytest
from playwright.async_api import expect

from booking.roster import Roster
from showroom.hours import Interval, WeeklyHours
from tests.browser.agendas import AgendaPage, Stage, a_full_day, noon
from tests.browser.cast import PHONE
from tests.browser.props import speaks
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits, walks
from tests.visits import LENGTH_MS

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Scrolls a visit to where something stays in its place, and says which of the two is seen there.
SCROLLED_BELOW = """
(slip, selector) => {
  const [frame, over] = [slip.closest('.plan-frame'), document.querySelector(selector)];
  frame.querySelector('.plan').style.marginInlineEnd = '100rem';  // so that the last day moves, too
  const boxes = () => [slip, over].map((one) => one.getBoundingClientRect());
  const [from, to] = boxes();
  if (over.matches('.plan__hours')) frame.scrollLeft += from.left - to.left;
  else frame.scrollTop += from.top - to.top;
  const [a, b] = boxes();
  const [left, right] = [Math.max(a.left, b.left), Math.min(a.right, b.right)];
  const [top, bottom] = [Math.max(a.top, b.top), Math.min(a.bottom, b.bottom)];
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return { below: left < right && top < bottom, seen: over.contains(hit) };
}
"""
MORNINGS = WeeklyHours(*((Interval.of("09:00", "13:00"),),) * 7)


async def test_an_advisor_finds_each_visit_by_day_by_week_and_in_a_list(stage: Stage) -> None:
    await a_full_day(stage.database, stage.paris, stage.alice, stage.bruno, noon())
    agenda = await stage.own()
    await expect(agenda.button("Day")).to_have_attribute("aria-pressed", "true")
    for view in ("Day", "Week", "List"):
        await agenda.tap(view)
        await expect(agenda.button(view)).to_have_attribute("aria-pressed", "true")
        for told in ("12:00", "Crête", "French"):
            await expect(agenda.slip("Jeanne Moreau")).to_contain_text(told)
        await expect(agenda.slip("Louis Girard")).to_have_count(0)  # Bruno's
        await agenda.reads("Times in Central European Time.")
        await flawless(agenda.page, f"agenda, {view}")
    await expect(agenda.slip("Rose Lenoir")).to_contain_text("Cancelled")
    await expect(agenda.slip("Paul Dupont")).to_contain_text("Done")
    await agenda.page.reload()
    await expect(agenda.button("List")).to_have_attribute("aria-pressed", "true")
    await agenda.tap("Later")
    await expect(agenda.slip("Jeanne Moreau")).to_have_count(0)
    await agenda.tap("Earlier")
    await speaks(agenda.page, "Français")
    await expect(agenda.button("Liste")).to_have_attribute("aria-pressed", "true")
    await expect(agenda.slip("Jeanne Moreau")).to_contain_text("français")


async def test_a_visit_lies_below_the_name_and_the_hours_that_it_is_scrolled_to(
    stage: Stage,
) -> None:
    await stage.visit(stage.alice, "Jeanne Moreau")
    agenda = await stage.own()
    await agenda.tap("Week")
    slip = agenda.page.locator("[data-shows=week]").get_by_role("button", name="Jeanne Moreau")
    await expect(slip).to_be_visible()
    for over in (".column:has(li) .link", ".plan__hours"):
        assert await slip.evaluate(SCROLLED_BELOW, over) == {"below": True, "seen": True}, over


async def test_a_tap_on_a_visit_shows_who_comes_and_how_to_reach_them(stage: Stage) -> None:
    await stage.visit(stage.alice, "Jeanne Moreau", phone="+33612345678")
    agenda = await stage.own(viewport=PHONE)
    await agenda.slip("Jeanne Moreau").click()
    sheet = agenda.sheet
    for told in ("Jeanne Moreau", "12:00 – 12:30", "Crête", "French", "The boot, and towing"):
        await expect(sheet).to_contain_text(told)
    await expect(sheet).to_contain_text("Booked")
    phone, mail = (sheet.get_by_role("link", name=name) for name in ("+336", "jeanne@"))
    await expect(phone).to_have_attribute("href", "tel:+33612345678")
    await expect(mail).to_have_attribute("href", "mailto:jeanne@example.com")
    await flawless(agenda.page, "agenda, a visit")
    await agenda.page.keyboard.press("Escape")
    await expect(agenda.slip("Jeanne Moreau")).to_be_focused()


async def test_visits_at_the_same_time_stand_side_by_side(stage: Stage) -> None:
    await stage.visit(stage.alice, "Jeanne Moreau")
    free = {"blocked_from": 0, "blocked_until": 0, "state": "done"}
    await stage.visit(stage.alice, "Max Berger", noon() + LENGTH_MS // 2, **free)
    agenda = await stage.own()
    boxes = [await agenda.slip(name).bounding_box() for name in ("Jeanne Moreau", "Max Berger")]
    left, right = (box for box in boxes if box)
    assert left["x"] + left["width"] <= right["x"]
    assert left["y"] < right["y"] < left["y"] + left["height"]


async def test_a_day_without_visits_says_so_and_leads_to_the_hours(stage: Stage) -> None:
    agenda = await stage.own()
    await agenda.reads("No visit is booked in this time.")
    await flawless(agenda.page, "agenda without a visit")
    await agenda.tap("Look at your hours")
    await expect(agenda.sheet).to_contain_text("Working hours")


async def test_an_advisor_sets_their_hours_and_the_day_is_open_only_then(stage: Stage) -> None:
    agenda = await stage.own()
    await expect(agenda.page.locator(".column__hours")).to_have_text("All day")
    await agenda.tap("Hours and absences")
    always = agenda.sheet.get_by_label("Whenever the showroom is open")
    await expect(always).to_be_checked()
    await always.uncheck()
    opens = agenda.sheet.get_by_label(", from")
    await expect(opens).to_have_count(7)
    await agenda.sheet.get_by_label("Monday, until").fill("06:00")
    await agenda.sheet.get_by_label("Monday, from").fill("07:00")
    await agenda.tap("Save hours")
    await expect(agenda.sheet).to_contain_text("Check Monday")
    stage.cast.forgive("400")
    await flawless(agenda.page, "agenda, hours refused")
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"):
        await agenda.sheet.get_by_label(f"{day}, from").fill("09:00")
        await agenda.sheet.get_by_label(f"{day}, until").fill("13:00")
    await agenda.tap("Save hours")
    await expect(agenda.sheet).to_contain_text("Saved.")
    await agenda.page.keyboard.press("Escape")
    await expect(agenda.page.locator(".column__hours")).to_have_text("09:00 – 13:00")
    assert await Roster(stage.database).hours(stage.paris, stage.alice) == MORNINGS


async def test_an_absence_says_first_what_follows_and_then_a_colleague_has_the_visit(
    stage: Stage,
) -> None:
    visit = await stage.visit(stage.alice, "Jeanne Moreau")
    agenda = await stage.own()
    await expect(agenda.slip("Jeanne Moreau")).to_be_visible()
    await agenda.tap("Hours and absences")
    # The day in sight is suggested.
    await expect(agenda.sheet).to_contain_text("1 visit is in this time: a colleague takes it over")
    await agenda.sheet.get_by_label("Reason").fill("A dentist")
    await flawless(agenda.page, "agenda, an absence")
    await agenda.tap("Enter absence")
    await expect(agenda.sheet.get_by_role("listitem").filter(has_text="A dentist")).to_be_visible()
    await expect(agenda.slip("Jeanne Moreau")).to_have_count(0)
    assert await stage.host(visit) == stage.bruno
    await expect(agenda.page.locator(".ground--away")).to_contain_text("Away: A dentist")
    await agenda.sheet.get_by_role("button", name="Remove the absence").click()
    await expect(agenda.sheet).to_contain_text("No absence is entered.")
    await expect(agenda.page.locator(".ground--away")).to_have_count(0)


async def test_the_feed_s_address_is_shown_once_works_and_is_revoked(stage: Stage) -> None:
    await stage.visit(stage.alice, "Jeanne Moreau")
    agenda = await stage.own(permissions=["clipboard-read", "clipboard-write"])
    http = agenda.page.context.request
    await agenda.tap("In your calendar")
    await expect(agenda.sheet).to_contain_text("There is no address yet.")
    await agenda.tap("Make an address")
    field = agenda.sheet.get_by_label("Secret address")
    await expect(field).to_have_value(re.compile(r"/calendar/[\w-]{43}\.ics$"))
    url = await field.input_value()
    path = url[url.index("/calendar/") :]
    await agenda.tap("Copy")
    await agenda.reads("Copied")
    assert await agenda.page.evaluate("navigator.clipboard.readText()") == url
    await flawless(agenda.page, "agenda, the feed")
    assert "Jeanne Moreau" in await (await http.get(path)).text()
    await agenda.page.keyboard.press("Escape")
    await agenda.tap("In your calendar")
    await expect(agenda.sheet.get_by_label("Secret address")).to_be_hidden()
    await agenda.tap("Revoke")
    await expect(agenda.sheet).to_contain_text("There is no address yet.")
    assert (await http.get(path)).status == 404


@pytest.mark.parametrize(("day", "hours"), [("2027-03-28", 23), ("2027-10-31", 25)])
async def test_the_days_of_the_clock_change_have_the_hours_that_they_have(
    stage: Stage, day: str, hours: int
) -> None:
    path = f"/advisor/agenda?view=day&day={day}"
    agenda = AgendaPage(await stage.cast.staff("alice@example.com", path))
    labels = agenda.page.locator(".plan__hour")
    await expect(labels).to_have_count(hours)
    twos = labels.filter(has_text="02:00")
    await expect(twos).to_have_count(hours - 23)
    # In the week, nine o'clock is on one line in all days, and the odd one has or is a gap.
    await agenda.tap("Week")
    await expect(labels).to_have_count(max(24, hours))
    await expect(agenda.page.locator(".ground--gap")).to_have_count(1 if hours == 23 else 6)


async def test_a_visit_of_the_second_two_o_clock_stands_there(stage: Stage) -> None:
    # 31 October 2027, 02:30 in Paris for the second time.
    await stage.visit(stage.alice, "Jeanne Moreau", 1_824_946_200_000)
    path = "/advisor/agenda?view=day&day=2027-10-31"
    agenda = AgendaPage(await stage.cast.staff("alice@example.com", path))
    item = agenda.page.locator(".column__visits > li")
    await expect(item).to_have_css("--from", "3.5")


async def test_a_new_visit_shows_without_a_reload(stage: Stage) -> None:
    own = await stage.own()
    await own.page.clock.install()
    await own.page.reload()
    await own.reads("No visit is booked in this time.")
    await stage.visit(stage.alice, "Jeanne Moreau")
    await own.page.clock.fast_forward(30_000)
    await expect(own.slip("Jeanne Moreau")).to_be_visible()
    await expect(own.page.locator("#empty")).to_be_hidden()


async def test_nothing_of_an_agenda_is_cut_off_and_the_keyboard_reaches_all_of_it(
    stage: Stage,
) -> None:
    await a_full_day(stage.database, stage.paris, stage.alice, stage.bruno, noon())
    agenda = await stage.own("&lang=fr")
    for view in ("Jour", "Semaine", "Liste"):
        await agenda.tap(view)
        await agenda.reads("Jeanne Moreau")
        await fits(agenda.page, f"agenda, {view}")
        await walks(agenda.page, "Horaires et absences", "Liste", "Jeanne Moreau")
    await agenda.slip("Ida Nowak").click()
    await fits(agenda.page, "agenda, a visit")
    await agenda.page.keyboard.press("Escape")
    await agenda.tap("Horaires et absences")
    always = agenda.sheet.get_by_label("Tant que le showroom est ouvert")
    await expect(always).to_be_checked()
    await always.uncheck()
    await expect(agenda.sheet.get_by_label("Dimanche, à")).to_have_value("00:00")
    await fits(agenda.page, "agenda, hours")
