"""Modules that the kernel refuses under Secure Boot, on a simulated machine."""

import gzip
import lzma
from dataclasses import replace

import pytest
from support.machines import RELEASE, codes, have_module, write

from segcam.doctor import module

SIGNED = b"code~Module signature appended~\n"
SIGN_WITH_DKMS = (
    f"sudo dkms build --force v4l2loopback/0.12.7 -k {RELEASE} && "
    f"sudo dkms install --force v4l2loopback/0.12.7 -k {RELEASE} && "
)
SIGN_WITH_AKMODS = f"sudo kmodgenca -a; sudo akmods --force --rebuild --kernels {RELEASE} && "


@pytest.fixture
def secure(machine):
    """A machine with Secure Boot."""
    write(machine, "sys/firmware/efi/efivars/SecureBoot-8be4df61", b"\6\0\0\0\1")
    return machine


@pytest.mark.parametrize(
    ("ending", "pack"),
    [("", bytes), (".xz", lzma.compress), (".gz", gzip.compress)],
)
def test_a_module_without_a_signature_is_told_also_if_it_is_compressed(secure, ending, pack):
    have_module(secure, content=pack(b"code"), ending=ending)
    assert codes(module.check(secure)) == ["loopback.unsigned"]
    have_module(secure, content=pack(SIGNED), ending=ending)
    assert codes(module.check(secure)) == ["loopback.not-loaded"]


def test_without_secure_boot_no_signature_is_needed(secure):
    write(secure, "sys/firmware/efi/efivars/SecureBoot-8be4df61", b"\6\0\0\0\0")
    have_module(secure, content=b"code")
    assert codes(module.check(secure)) == ["loopback.not-loaded"]


@pytest.mark.parametrize(
    ("release", "cure"),
    [
        ("ID=debian", f"{SIGN_WITH_DKMS}sudo mokutil --import /var/lib/dkms/mok.pub"),
        ("ID=ubuntu", f"{SIGN_WITH_DKMS}sudo mokutil --import /var/lib/shim-signed/mok/MOK.der"),
        ("ID=arch", f"{SIGN_WITH_DKMS}sudo mokutil --import /var/lib/dkms/mok.pub"),
        (
            "ID=fedora",
            f"{SIGN_WITH_AKMODS}sudo mokutil --import /etc/pki/akmods/certs/public_key.der",
        ),
    ],
)
def test_each_distribution_signs_with_its_own_key(secure, release, cure):
    write(secure, "etc/os-release", f"{release}\n")
    if "ubuntu" in release:
        write(secure, "var/lib/shim-signed/mok/MOK.der")
    secure.path("var/lib/dkms/v4l2loopback/0.12.7").mkdir(parents=True)
    have_module(secure, content=b"code")
    (finding,) = module.check(secure)
    assert finding.cure == f"{cure}, reboot, choose Enroll MOK"


@pytest.mark.parametrize(("said", "told"), [("is not enrolled", True), ("is enrolled", False)])
def test_a_signature_counts_only_if_the_firmware_knows_the_key(secure, said, told):
    """The usual case: dkms signs with a key that nobody has added to the firmware."""
    have_module(secure, content=SIGNED)
    write(secure, "var/lib/dkms/mok.pub")

    def answer(command):
        assert command[-1] == "/var/lib/dkms/mok.pub"
        return f"{command[-1]} {said}\n"

    (finding,) = module.check(replace(secure, ask=answer))
    assert (finding.code == "loopback.unsigned") == told
    assert ("mokutil --import" in finding.cure) == told
    assert "dkms build" not in finding.cure
