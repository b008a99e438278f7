"""Names of invented people; any likeness is chance."""

from random import Random

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
# The first surnames are far more frequent than the last ones, as in the census.
_WEIGHTS = tuple(1000 // (8 + place) for place in range(len(_SURNAMES)))
_FIRST = "建国文志海永明德成玉春俊晓立长庆宏振东少宇子思雨佳欣若雅静丽秀淑慧美云凤桂兰红艳敏"
_SECOND = "华军平强伟东峰杰刚斌涛辉鹏林生民宁波超磊飞亮毅然阳洋轩涵琪瑶婷娜芳霞燕梅莉萍英娟玲珍洁琳颖蕾"
_SINGLE = "伟强磊军勇涛超鹏杰浩宇鑫帅健静敏丽娟艳芳婷雪颖琳洁慧倩"


def person_name(random: Random) -> str:
    """Return a name of two or three characters."""
    surname = random.choices(_SURNAMES, _WEIGHTS)[0]
    if random.random() < 0.18:
        return surname + random.choice(_SINGLE)
    return surname + random.choice(_FIRST) + random.choice(_SECOND)


def mobile(random: Random) -> str:
    """Return a mobile number of 11 digits; only the simulator ever sends to it."""
    return random.choice(("138", "139", "150", "158", "176", "186", "199")) + f"{random.randrange(10**8):08d}"
