from segcam.sink.links import Links

CAMERA, OTHER = 36, 50


def node(links, number, name, client):
    links.add(number, "Node", {"node.name": name, "client.id": str(client)})


def link(links, number, output, taker):
    links.add(number, "Link", {"link.output.node": str(output), "link.input.node": str(taker)})


def told():
    links = Links()
    links.add(0, "Core", {"core.name": "pipewire-0"})
    links.add(1, "Link", {})
    node(links, CAMERA, "segcam", 35)
    node(links, OTHER, "webcam", 35)
    links.add(38, "Client", {"application.name": "Firefox", "pipewire.sec.pid": "7"})
    node(links, 39, "consumer", 38)
    links.add(40, "Client", {"application.name": "Recorder"})
    node(links, 41, "consumer", 40)
    node(links, 42, "nameless", 99)
    links.add(43, "Client", {"application.process.binary": "cheese"})
    node(links, 44, "consumer", 43)
    for number, (output, taker) in enumerate(
        [(CAMERA, 39), (CAMERA, 41), (CAMERA, 42), (CAMERA, 39), (OTHER, 44)], 60
    ):
        link(links, number, output, taker)
    return links


def test_programs_are_named_once_by_the_best_name_they_have():
    links = told()
    assert links.viewers(CAMERA) == ["Firefox", "Recorder", "nameless"]
    links.add(38, "Client", {"application.process.binary": "firefox-esr"})
    assert links.viewers(CAMERA) == ["Recorder", "firefox-esr", "nameless"]
    assert links.viewers(OTHER) == ["cheese"]
    assert links.viewers(7) == []


def test_a_program_is_named_until_its_last_link_is_gone():
    links = told()
    links.remove(60)
    assert "Firefox" in links.viewers(CAMERA)
    links.remove(63)
    assert "Firefox" not in links.viewers(CAMERA)
    links.remove(63)


def test_a_link_without_a_known_program_is_somebody():
    links = Links()
    link(links, 60, CAMERA, 70)
    assert links.viewers(CAMERA) == ["a program"]


def test_each_program_that_watches_is_asked_for_once_and_again_when_its_number_is_anothers():
    links = told()
    assert sorted(links.unknown_clients(CAMERA)) == [38, 40, 99]
    assert links.unknown_clients(CAMERA) == []
    links.remove(38)
    assert links.unknown_clients(CAMERA) == [38]
