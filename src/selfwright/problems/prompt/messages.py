"""Messages of customers, and what they are about. Written for this problem, by hand."""

LABELS = ("billing", "delivery", "account", "product")

_PUBLIC = {
    "billing": """
        I was charged twice for the same order
        Why is there a fee on my invoice that nobody mentioned?
        Please refund the money, the payment went through two times
        My card was declined although there is enough on it
        The invoice shows the wrong tax for my country
        You took 20 euros more than the price on the page
        When will I get my money back?
        I need a receipt with the name of my company
        The discount was not taken off the total
        Can I pay in three parts?
        My bank says that you have charged me in dollars
        The yearly price was raised without any word
        I cancelled, and still you charge my card every month
        The coupon is refused when I pay""",
    "delivery": """
        Where is my parcel? It should have come on Monday
        The driver left the box in the rain
        Tracking has not moved for a week
        The package went to my old street
        How long does shipping to Norway take?
        My order arrived open and half of it is gone
        The courier says that nobody was at home, but I was
        Can you send it to a pickup point?
        It was shipped in two boxes and only one arrived
        I have waited for three weeks now
        The parcel is stuck at customs
        Please deliver after six in the evening
        The tracking number does not exist
        Somebody else signed for my package""",
    "account": """
        I can not log in since yesterday
        The link to reset my password has run out
        Please delete my profile and everything you know of me
        I want to change the email address of my login
        The code for two step sign in never comes
        My account was locked after too many tries
        Somebody else has logged in to my account
        How do I change my user name?
        I forgot my password and the old email is gone
        Merge my two profiles into one, please
        The page signs me out every few minutes
        Can my wife and I share one login?
        The app says that my user does not exist
        Stop sending me the newsletter to this email""",
    "product": """
        The lamp does not turn on
        One leg of the chair is shorter than the others
        The screen has a scratch from one side to the other
        Is there a manual in French?
        The battery is empty after an hour
        It smells of plastic and the paint comes off
        The zip broke on the first day
        Does it work with 110 volts?
        A screw is missing in the bag
        It makes a loud noise when it turns
        The colour is not the one in the picture
        Is the blue one waterproof?
        The handle broke when I lifted it
        It gets so hot that I can not touch it""",
}
_HOLDOUT = {
    "billing": """
        There are two payments for one order on my card
        The invoice has another price than the page
        I still wait for the refund of last month
        Why do you charge a fee for paying by card?
        Please send the receipt again, with tax
        The discount is not on the invoice
        You charged me after I cancelled""",
    "delivery": """
        My parcel was left at the wrong door
        The tracking page says delivered, and nothing has come
        How much longer does shipping take?
        The box arrived wet
        Can the courier come on Saturday?
        Only one of two packages was delivered
        It is still stuck at customs""",
    "account": """
        My password is refused when I log in
        I want to delete my account
        The code to sign in comes too late
        Change my email, please, the old one is gone
        My login was used by somebody else
        I am locked out after the reset
        My user name has a mistake in it""",
    "product": """
        The screen stays black when I turn it on
        The battery does not charge any more
        A screw broke when I put the chair together
        The colour comes off on my hands
        Is there a manual for the lamp?
        It makes a noise, and it gets hot
        One side has a scratch""",
}


def _pairs(texts):
    return [(label, line.strip()) for label in LABELS for line in texts[label].strip().splitlines()]


PUBLIC, HOLDOUT = _pairs(_PUBLIC), _pairs(_HOLDOUT)
