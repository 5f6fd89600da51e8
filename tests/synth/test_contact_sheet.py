from tcmr.synth.clips import make_clip
from tcmr.synth.contact_sheet import CLIPS_A_ROW, PICTURES_A_CLIP, SMALL_PX, contact_sheet


def test_a_sheet_shows_every_clip(studio):
    clips = [make_clip(studio, "train", 4, seed=0, index=index) for index in range(3)]
    sheet = contact_sheet(clips)
    assert sheet.shape == (2 * SMALL_PX, CLIPS_A_ROW * PICTURES_A_CLIP * SMALL_PX, 3)
    cells = sheet.reshape(2, SMALL_PX, -1, SMALL_PX, 3).swapaxes(1, 2).reshape(-1, SMALL_PX, SMALL_PX, 3)
    assert [bool(cell.std() > 1) for cell in cells] == [True] * 12 + [
        False
    ] * 4  # the place of a fourth is empty


def test_landmarks_are_marked_where_they_are(studio):
    """The landmarker of these tests puts all of them, as seen, at one point of the diagonal."""
    clip = make_clip(studio, "train", 1, seed=0, index=0)
    x = round(float(clip.landmarks[0].xy_px[0, 0]) * SMALL_PX / 320)
    red, green, blue = contact_sheet([clip])[x - 2 : x + 2, x - 2 : x + 2].astype(int).reshape(-1, 3).T
    assert ((green > 150) & (green > red + 50) & (green > blue + 50)).any()
