// Written by `python -m demo.shots` from sign_models/render/cameras.py.
export const SHOTS = {
  "cameras": {
    "front": 0.0,
    "side": -90.0,
    "hands": 0.0
  },
  "fieldOfView": 22.0,
  "belowHips": 0.06,
  "aboveHead": 0.62,
  "beforeBody": 0.45,
  "raised": 0.1,
  "air": 0.28,
  "least": 0.75,
  "calm": 0.6
};
