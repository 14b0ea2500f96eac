"""The conformance suite: one class to subclass, which judges an adapter.

    class TestMyMarket(AdapterSuite):
        adapter = "mymarket"

That is the whole suite: every `test_…`, once for each verb, call and fault that it speaks of. What does not fit a
platform is overridden (see `Moves`); what cannot be proved is switched off in `off` with a reason, and is skipped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from sellercare import registry
from sellercare.adapter import Adapter
from sellercare.interfaces import VERBS
from sellercare.simulator.face import Face
from sellercare.simulator.faces import face_of
from sellercare.simulator.world import World
from sellercare.support import Proof
from sellercare.testing.checks.agreeing import AgreementChecks
from sellercare.testing.checks.declared import DeclarationChecks, faceless
from sellercare.testing.checks.faulty import FaultChecks
from sellercare.testing.checks.given import GivenChecks
from sellercare.testing.checks.promised import LISTS, PromiseChecks
from sellercare.testing.checks.scenes import Scenes
from sellercare.testing.checks.secrets import SecretChecks
from sellercare.testing.checks.written import ContractChecks
from sellercare.testing.described import DescribedChecks
from sellercare.testing.workshop import Site, Workshop

PLAIN = "the plain suite"
"""What `proved_in` is where nobody has written a suite for an adapter."""

_WORKSHOP = pytest.StashKey[Workshop]()


class AdapterSuite(
    DeclarationChecks,
    Scenes,
    AgreementChecks,
    PromiseChecks,
    GivenChecks,
    FaultChecks,
    SecretChecks,
    DescribedChecks,
    ContractChecks,
):
    """Judges an adapter on its face. Subclasses name the adapter, and say what is different about it.

    `adapter` is a name or a class. `face` is the face's class (default: the one in the module `face` beside the
    adapter), `face_options` are arguments for it. `settings` are settings of the adapter that the face does not tell,
    `currency` is what orders are paid in.

    `off` switches tests off: the name of a test (`test_a_repeat_does_what_the_contract_says`), or of one case of it
    (`test_a_repeat_does_what_the_contract_says[refunds.issue]`), with the reason in a sentence. It shows as skipped;
    an entry that fits no test fails.

    `proved_in` names the tests that prove the adapter's level of proof, where it is not this suite: a pattern of files,
    such as `tests/live/test_mymarket*.py`.

    `no_face` is the reason why there is no face; then everything that needs one shows as skipped.
    """

    adapter: ClassVar[str | type[Adapter]]
    face: ClassVar[type[Face] | None] = None
    face_options: ClassVar[Mapping[str, Any]] = {}
    settings: ClassVar[Mapping[str, Any]] = {}
    currency: ClassVar[str] = "EUR"
    off: ClassVar[Mapping[str, str]] = {}
    no_face: ClassVar[str] = ""
    proved_in: ClassVar[str] = ""

    workshop: Workshop

    @classmethod
    def adapter_class(cls) -> type[Adapter]:
        """The adapter itself."""
        return registry.load(cls.adapter) if isinstance(cls.adapter, str) else cls.adapter

    @classmethod
    def make_face(cls, world: World) -> Face:
        """The platform over a world."""
        kind = cls.face or face_of(cls.adapter_class())
        return kind(world, **cls.face_options)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One case a verb for the tests that ask for `read`, `listing`, `write`, `offered` or `refused`."""
        supports = self.adapter_class().supports
        offered = [verb for verb in VERBS if supports[verb].offered]
        cases = {
            "read": [verb for verb in offered if not VERBS[verb].is_write],
            "listing": [verb for verb in offered if verb in LISTS],
            "write": [verb for verb in offered if VERBS[verb].is_write],
            "offered": offered,
            "refused": [verb for verb in VERBS if not supports[verb].offered],
        }
        if "description" in metafunc.fixturenames:
            whole = pytest.param("whole", marks=pytest.mark.contract)
            metafunc.parametrize("description", [whole if self.is_described() else "none"])
        if "generated" in metafunc.fixturenames:  # not every description can be turned into answers
            metafunc.parametrize("generated", ["whole" if self.is_described() else "none"])
        if "samples" in metafunc.fixturenames:
            named = type(self).replays is not DescribedChecks.replays
            metafunc.parametrize("samples", [pytest.param("whole", marks=pytest.mark.contract) if named else "none"])
        for name in cases.keys() & set(metafunc.fixturenames):
            metafunc.parametrize(name, cases[name])

    @classmethod
    def _workshop_of(cls, node: pytest.Class) -> Workshop | None:
        """The workshop of this class, made once; None without a face."""
        if cls.no_face:
            return None
        if _WORKSHOP not in node.stash:
            workshop = Workshop(cls.adapter_class(), cls.make_face, settings=cls.settings, currency=cls.currency)
            node.stash[_WORKSHOP] = workshop

            def end() -> None:
                """A class comes back after others where workers take tests from each other: then with a new one."""
                del node.stash[_WORKSHOP]
                workshop.close()

            node.addfinalizer(end)
        return node.stash[_WORKSHOP]

    @pytest.fixture(autouse=True)
    def _prepared(self, request: pytest.FixtureRequest) -> None:
        """Skip what is switched off, with its reason; give the workshop to the rest."""
        name, function = request.node.name, request.node.originalname
        reason = self.off.get(name) or self.off.get(function)
        if reason is not None:
            pytest.skip(f"switched off: {reason}")
        node = request.node.getparent(pytest.Class)
        workshop = self._workshop_of(node)
        if workshop is not None:
            self.workshop = workshop
        elif not getattr(request.function, "faceless", False):
            pytest.skip(f"no face: {self.no_face}")

    @faceless
    def test_what_is_switched_off_exists_and_has_a_reason(self, request: pytest.FixtureRequest) -> None:
        """Every entry of `off` fits a test, and says why in a sentence."""
        mine = [item for item in request.session.items if getattr(item, "cls", None) is type(self)]
        known = {item.name for item in mine} | {getattr(item, "originalname", "") for item in mine}
        alone = request.session.config.option.keyword or any("::" in str(arg) for arg in request.config.args)
        strange = [] if alone else sorted(self.off.keys() - known)
        assert not strange, f"these are switched off but are no tests: {strange}"
        silent = sorted(name for name, why in self.off.items() if len(why.split()) < 4)
        assert not silent, f"switched off without a reason that anybody could judge: {silent}"

    @faceless
    def test_the_level_of_proof_is_not_above_what_there_is(self, request: pytest.FixtureRequest) -> None:
        """Each level that is claimed can be run by somebody: with a description or samples here, or in `proved_in`."""
        adapter = self.adapter_class()
        if self.proved_in == PLAIN:
            pytest.skip("only the adapter's own suite can tell")
        elsewhere = bool(self.proved_in) and any(request.config.rootpath.glob(self.proved_in))
        assert elsewhere or not self.proved_in, f"there is no file {self.proved_in}"
        here = self.is_described() or type(self).replays is not DescribedChecks.replays
        enough = {
            Proof.LIVE: elsewhere,
            Proof.DESCRIPTION: self.is_described() or elsewhere,
            Proof.SAMPLES: here or elsewhere,
            Proof.OURS: adapter.kind == "reference",
            Proof.DOSSIER: True,
        }
        beyond = ", ".join(level for level in {adapter.proved_by, *adapter.levels()} if not enough[level])
        assert not beyond, f"{adapter.title} says it is proved by {beyond}, and nothing here proves it so"

    def site(self, **more: Any) -> Site:
        """A new simulated platform with an empty world."""
        return self.workshop.site(**more)


__all__ = ["AdapterSuite", "Site"]
