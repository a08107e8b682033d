def blur(image):
    return image
