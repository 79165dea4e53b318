"""The manager's agenda in a real browser: all advisors, and visits that change hands."""

import pytest
import sqlalchemy as sa
from playwright.async_api import expect

from showroom.tables import absences, appointments, staff
from tests.browser.agendas import HOUR_MS, Stage, a_full_day, noon
from tests.browser.cast import PHONE
from tests.browser.test_accessibility import flawless
from tests.browser.test_screens import fits, walks

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_manager_drags_a_visit_to_another_advisor(stage: Stage) -> None:
    visit = await stage.visit(stage.alice, "Jeanne Moreau")
    team = await stage.team()
    await expect(team.column("Alice Martin")).to_contain_text("Jeanne Moreau")
    await team.carries("Jeanne Moreau", "Bruno Keller")
    await expect(team.column("Bruno Keller")).to_contain_text("Jeanne Moreau")
    await expect(team.column("Alice Martin")).not_to_contain_text("Jeanne Moreau")
    assert await stage.host(visit) == stage.bruno
    await expect(team.sheet).to_have_count(0)  # a drag is no click
    await flawless(team.page, "agenda of the team")


async def test_a_refusal_is_said_where_the_visit_was_dropped_and_it_goes_back(
    stage: Stage,
) -> None:
    visit = await stage.visit(stage.alice, "Jeanne Moreau")
    await stage.visit(stage.bruno, "Max Berger")
    stage.cast.forgive("409")
    team = await stage.team()
    await team.carries("Jeanne Moreau", "Bruno Keller")
    alert = team.column("Bruno Keller").get_by_role("alert")
    await expect(alert).to_have_text("Bruno Keller is not free then.")
    await expect(team.column("Alice Martin")).to_contain_text("Jeanne Moreau")
    moved = team.page.locator(".column__visits > li").filter(has_text="Jeanne Moreau")
    await expect(moved).to_have_css("translate", "none")
    assert await stage.host(visit) == stage.alice
    await flawless(team.page, "agenda of the team, refused")


async def test_the_keyboard_gives_a_visit_on_and_says_why_others_can_t_have_it(
    stage: Stage,
) -> None:
    visit = await stage.visit(stage.alice, "Jeanne Moreau")
    team = await stage.team()
    slip = team.slip("Jeanne Moreau")
    await slip.focus()
    await team.page.keyboard.press("Enter")
    give = team.sheet.get_by_role("button", name="Give to Bruno Keller")
    await expect(give).to_be_visible()
    await flawless(team.page, "agenda of the team, a visit")
    await give.focus()
    await team.page.keyboard.press("Enter")
    await expect(team.column("Bruno Keller")).to_contain_text("Jeanne Moreau")
    assert await stage.host(visit) == stage.bruno
    await expect(team.sheet).to_have_count(0)
    async with stage.database.write() as connection:
        row = {"id": "away", "showroom_id": stage.paris, "staff_id": stage.alice, "reason": ""}
        times = {"starts_at": noon(), "ends_at": noon() + HOUR_MS}
        await connection.execute(sa.insert(absences).values(row | times))
    await slip.click()
    await expect(team.sheet).to_contain_text("Alice Martin is away then.")
    await expect(team.sheet).to_contain_text("Nobody else can take this visit.")


async def test_on_a_phone_a_manager_reads_the_team_as_lists_and_gives_on_by_touch(
    stage: Stage,
) -> None:
    visit = await stage.visit(stage.alice, "Jeanne Moreau")
    team = await stage.team(viewport=PHONE, has_touch=True)
    alices = team.page.get_by_role("region", name="Alice Martin")
    await expect(alices).to_contain_text("Jeanne Moreau")
    await expect(team.page.get_by_role("region", name="Bruno Keller")).to_contain_text("No visit.")
    await flawless(team.page, "agenda of the team on a phone")
    await team.page.set_viewport_size({"width": 390, "height": 844})
    await team.slip("Jeanne Moreau").tap()
    await team.sheet.get_by_role("button", name="Give to Bruno Keller").tap()
    await expect(team.page.get_by_role("region", name="Bruno Keller")).to_contain_text("Jeanne")
    assert await stage.host(visit) == stage.bruno


async def test_a_manager_sees_the_week_and_edits_an_advisor_s_absences(stage: Stage) -> None:
    await stage.visit(stage.bruno, "Jeanne Moreau")
    team = await stage.team()
    await team.tap("Week")
    await expect(team.slip("Jeanne Moreau")).to_contain_text("Bruno Keller")
    await flawless(team.page, "week of the team")
    await team.tap("Day")
    await team.tap("Bruno Keller")
    await expect(team.sheet).to_contain_text("Bruno Keller: hours and absences")
    await expect(team.sheet).to_contain_text("1 visit is in this time")
    await team.tap("Enter absence")
    await expect(team.column("Alice Martin")).to_contain_text("Jeanne Moreau")
    await expect(team.column("Bruno Keller").locator(".ground--away")).to_be_visible()


async def test_the_agendas_are_a_tap_away_from_the_calls_and_back(stage: Stage) -> None:
    page = await stage.cast.staff("alice@example.com", "/advisor")
    await page.get_by_role("link", name="Your agenda").click()
    await expect(page.get_by_role("heading", name="Your agenda")).to_be_visible()
    await page.get_by_role("link", name="To the calls").click()
    await expect(page.get_by_role("switch", name="Available")).to_be_visible()
    manager = await stage.cast.manager()
    await manager.page.get_by_role("link", name="Agenda").click()
    await expect(manager.page.get_by_role("heading", name="The team’s agenda")).to_be_visible()
    await manager.page.get_by_role("link", name="Floor").click()
    await expect(manager.page.get_by_role("heading", name="The floor, now")).to_be_visible()


async def test_nothing_of_the_team_s_agenda_is_cut_off_and_the_keyboard_reaches_all_of_it(
    stage: Stage,
) -> None:
    await a_full_day(stage.database, stage.paris, stage.alice, stage.bruno, noon())
    team = await stage.team("&lang=fr")
    for view in ("Jour", "Semaine"):
        await team.tap(view)
        await team.reads("Clara Fontaine")
        await fits(team.page, f"agenda of the team, {view}")
        await walks(team.page, "Semaine", "Clara Fontaine")


async def test_visits_of_colleagues_who_have_left_and_of_nobody_have_columns_of_their_own(
    stage: Stage,
) -> None:
    nobodys = await stage.visit(stage.alice, "Jeanne Moreau", state="done")
    await stage.visit(stage.bruno, "Max Berger", state="done")
    async with stage.database.write() as connection:
        visit = appointments.c.id == nobodys
        await connection.execute(sa.update(appointments).where(visit).values(advisor_id=None))
        left = sa.update(staff).where(staff.c.id == stage.bruno).values(disabled_at=1)
        await connection.execute(left)
    team = await stage.team()
    await expect(team.column("Bruno Keller")).to_contain_text("Max Berger")
    await expect(team.column("Without an advisor")).to_contain_text("Jeanne Moreau")
    await expect(team.page.locator(".column")).to_have_count(3)
    # Whoever has left has no hours to look at.
    await expect(team.button("Bruno Keller")).to_have_count(0)


async def test_no_visit_is_carried_once_it_has_begun(stage: Stage) -> None:
    await stage.visit(stage.alice, "Jeanne Moreau", state="live")
    team = await stage.team()
    slip, column = team.slip("Jeanne Moreau"), team.column("Bruno Keller")
    await slip.scroll_into_view_if_needed()
    await slip.drag_to(column.locator(".column__hours"), force=True)
    await expect(team.column("Alice Martin")).to_contain_text("Jeanne Moreau")
    await expect(column).not_to_have_attribute("data-over", "")
