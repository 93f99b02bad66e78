// Draws the map of a page that is one map: the picture stands in it as JSON, the polygons are fetched, since other maps share them.
"use strict";

(() => {
  const place = document.getElementById("map");
  const { picture, shapes, said, options } = JSON.parse(document.getElementById("map-data").textContent);

  const fetched = async ([level, url]) => {
    const answer = await fetch(url);
    if (!answer.ok) {
      throw new Error(`${url} answers ${answer.status}`);
    }
    return [level, await answer.json()];
  };

  const fail = (error) => {
    console.error(error);
    const text = [said.failed, picture.title, ...picture.notes, picture.summary, picture.disclaimer];
    place.replaceChildren(...text.map((one) => Object.assign(document.createElement("p"), { textContent: one })));
  };

  Promise.all(Object.entries(shapes).map(fetched))
    .then((all) => GeoMap.draw(place, picture, Object.fromEntries(all), said, options))
    .catch(fail);
})();
